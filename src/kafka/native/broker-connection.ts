// One connection to one broker over Bun's sockets: correlation, request timeouts, TLS. It offers
// `call` for the protocol library's requests and `sendFrame` for the hot path's own. Kafka answers
// the requests of a connection in their order, so what is outstanding is a plain queue. Any
// violation, time-out or socket error fails every outstanding request and closes the connection.

import { Reader } from "@kafka-wire/protocol/reader.js";
import { Writer } from "@kafka-wire/protocol/writer.js";
import { errorText } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { KafkaError } from "../client.ts";
import type { BrokerAddress, TlsConf } from "../conf/types.ts";
import { createFrameReader, FrameError } from "./frame-reader.ts";
import { callError, networkError, responseOf } from "./protocol-error.ts";
import { openSocket, type RawSocket } from "./socket.ts";
import type { WireApi } from "./wire-api.ts";

export interface ConnectionOptions {
  readonly address: BrokerAddress;
  readonly clientId: string;
  readonly tls: TlsConf | undefined;
  readonly setupTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
}

/** Called once: with the response after its correlation id (valid during the call), or with an error. */
export type FrameHandler = (frame: Uint8Array | undefined, error: KafkaError | undefined) => void;

export interface BrokerConnection {
  readonly name: string;
  readonly isClosed: boolean;
  /** Why it closed. */
  readonly closedBy: KafkaError | undefined;
  /** Called once when the connection has closed, after the outstanding requests were failed. */
  onClose: (reason: KafkaError) => void;
  /** Sends a request of the protocol library. Rejects with KafkaError or the library's error. */
  call<Args extends unknown[], Response>(
    api: WireApi<Args, Response>,
    ...args: Args
  ): Promise<Response>;
  /** The same in the form that the protocol library's own code asks for (SASL). */
  readonly send: Send;
  nextCorrelationId(): number;
  /**
   * Sends a whole request (length, header and body are in `bytes`). `onWritten` tells when the
   * socket took its last byte. When no answer is expected (acks=0), `onAnswer` is called then, with
   * an empty frame.
   */
  sendFrame(
    correlationId: number,
    bytes: Uint8Array,
    expectsAnswer: boolean,
    onAnswer: FrameHandler,
    onWritten?: () => void,
  ): void;
  close(reason?: KafkaError): void;
}

interface Outstanding {
  readonly correlationId: number;
  readonly deadlineUs: number;
  readonly onAnswer: FrameHandler;
}

const emptyFrame = new Uint8Array(0);

/** Connects (and completes the TLS handshake) within `setupTimeoutMs`, or rejects with the cause. */
export async function openConnection(options: ConnectionOptions): Promise<BrokerConnection> {
  const { clock } = options;
  const name = `${options.address.host}:${options.address.port}`;
  const outstanding: Outstanding[] = [];
  /** Requests without an answer that the socket has not taken yet. */
  const unwritten = new Set<Outstanding>();
  let correlationId = 0;
  let closedBy: KafkaError | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let socket: RawSocket | undefined;

  const frames = createFrameReader((frame) => {
    const head = outstanding.shift();
    const id = frame.byteLength < 4 ? -1 : readInt32(frame, 0);
    if (head === undefined || head.correlationId !== id) {
      if (head !== undefined) outstanding.unshift(head);
      throw new FrameError(`an answer to request ${id} came that is not the oldest outstanding`);
    }
    head.onAnswer(frame.subarray(4), undefined);
  });

  function fail(reason: KafkaError): void {
    if (closedBy !== undefined) return;
    closedBy = reason;
    clearTimeout(timer);
    socket?.close();
    const failed = [...outstanding.splice(0), ...unwritten];
    unwritten.clear();
    for (const request of failed) request.onAnswer(undefined, reason);
    connection.onClose(reason);
  }

  function watchDeadline(): void {
    timer = undefined;
    const head = outstanding[0];
    if (head === undefined) return;
    const leftUs = head.deadlineUs - clock.nowUs();
    if (leftUs > 0) {
      timer = setTimeout(watchDeadline, Math.ceil(leftUs / 1000));
      return;
    }
    fail(networkError(name, `no answer within request.timeout.ms (${options.requestTimeoutMs})`));
  }

  const connection: BrokerConnection = {
    name,
    get isClosed() {
      return closedBy !== undefined;
    },
    get closedBy() {
      return closedBy;
    },
    onClose: () => {},
    nextCorrelationId() {
      correlationId = (correlationId + 1) & 0x7fffffff;
      return correlationId;
    },
    sendFrame(id, bytes, expectsAnswer, onAnswer, onWritten) {
      if (closedBy !== undefined) {
        onAnswer(undefined, closedBy);
        return;
      }
      const deadlineUs = clock.nowUs() + options.requestTimeoutMs * 1000;
      const request = { correlationId: id, deadlineUs, onAnswer };
      if (expectsAnswer) {
        outstanding.push(request);
        timer ??= setTimeout(watchDeadline, options.requestTimeoutMs);
        socket!.write(bytes, onWritten);
        return;
      }
      unwritten.add(request);
      socket!.write(bytes, () => {
        onWritten?.();
        if (unwritten.delete(request)) onAnswer(emptyFrame, undefined);
      });
    },
    call: (api, ...args) => api.async({ send: connection.send } as unknown as Peer, ...args),
    send: (...request) => void sendApi(connection, options.clientId, request),
    close(reason) {
      fail(reason ?? networkError(name, "the connection was closed by this client"));
    },
  };

  socket = await openSocket({
    ...options,
    name,
    onData(chunk) {
      try {
        frames.push(chunk);
      } catch (error) {
        fail(networkError(name, errorText(error), error));
        if (!(error instanceof FrameError)) queueMicrotask(() => rethrow(error));
      }
    },
    onClose: (reason) => fail(reason),
  });
  return connection;
}

/** A mistake of this program inside a handler must end it, not look like a network error. */
function rethrow(error: unknown): never {
  throw error;
}

type Peer = Parameters<WireApi<[], unknown>["async"]>[0];

/** What the protocol library's API functions ask of a connection. */
export type Send = (
  apiKey: number,
  apiVersion: number,
  createPayload: () => Writer | Promise<Writer>,
  parse: (correlationId: number, apiKey: number, apiVersion: number, reader: Reader) => unknown,
  hasRequestTags: boolean,
  hasResponseTags: boolean,
  callback: (error: Error | null, response?: unknown) => void,
) => void;

async function sendApi(
  connection: BrokerConnection,
  clientId: string,
  [key, version, create, parse, hasRequestTags, hasResponseTags, callback]: Parameters<Send>,
): Promise<void> {
  const payload = await create();
  const id = connection.nextCorrelationId();
  const writer = Writer.create();
  writer.appendInt16(key).appendInt16(version).appendInt32(id).appendString(clientId, false);
  if (hasRequestTags) writer.appendTaggedFields();
  writer.appendFrom(payload).prependLength();
  connection.sendFrame(id, new Uint8Array(writer.buffer), true, (frame, error) => {
    if (frame === undefined) {
      callback(error ?? null);
      return;
    }
    try {
      // ApiVersions answers without tags in its header whatever its version; for the others the
      // flag of the API says whether an (empty) tag section of one byte comes first.
      const body = Buffer.from(frame.subarray(hasResponseTags ? 1 : 0));
      callback(null, parse(id, key, version, Reader.from(body)));
    } catch (parseError) {
      callback(parseError as Error);
    }
  });
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** A call whose error is told as KafkaError with the broker's address. */
export async function callBroker<Args extends unknown[], Response>(
  connection: BrokerConnection,
  api: WireApi<Args, Response>,
  ...args: Args
): Promise<Response> {
  try {
    return await connection.call(api, ...args);
  } catch (error) {
    throw callError(connection.name, error);
  }
}

/** As callBroker, but errors of single parts stay in the response for the caller to look at. */
export async function callTolerant<Args extends unknown[], Response>(
  connection: BrokerConnection,
  api: WireApi<Args, Response>,
  ...args: Args
): Promise<Response> {
  try {
    return await connection.call(api, ...args);
  } catch (error) {
    const response = responseOf<Response>(error);
    if (response !== undefined) return response;
    throw callError(connection.name, error);
  }
}
