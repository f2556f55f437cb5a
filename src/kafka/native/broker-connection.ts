// One connection to one broker over Bun's sockets: correlation, request timeouts, TLS. Kafka
// answers the requests of a connection in their order, so what is outstanding is a plain queue. Any
// violation, time-out or socket error fails every outstanding request and closes the connection.

import { errorText } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { KafkaError } from "../client.ts";
import type { BrokerAddress, TlsConf } from "../conf/types.ts";
import { type Caller, createCaller, type FrameHandler, type SendFrame } from "./api-calls.ts";
import { createFrameReader, FrameError, type FrameReader } from "./frame-reader.ts";
import { networkError } from "./protocol-error.ts";
import { openSocket, type RawSocket } from "./socket.ts";

/** How to cut the connection's bytes into frames. */
export type ReadFrames = (onFrame: (frame: Uint8Array) => void) => FrameReader;

export interface ConnectionOptions {
  readonly address: BrokerAddress;
  readonly clientId: string;
  readonly tls: TlsConf | undefined;
  readonly setupTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
  /** Ends the opening; an open connection is closed with `close`. */
  readonly signal?: AbortSignal;
  /** Undefined: frame by frame. */
  readonly readFrames?: ReadFrames | undefined;
}

export interface BrokerConnection extends Caller {
  readonly isClosed: boolean;
  /** Why it closed. */
  readonly closedBy: KafkaError | undefined;
  /** Called once when the connection has closed, after the outstanding requests were failed. */
  onClose: (reason: KafkaError) => void;
  nextCorrelationId(): number;
  readonly sendFrame: SendFrame;
  /** Holds back everybody else's requests until `work` is done with the connection. */
  alone(work: (caller: Caller) => Promise<void>): Promise<void>;
  close(reason?: KafkaError): void;
}

interface Outstanding {
  readonly correlationId: number;
  readonly deadlineUs: number;
  readonly onAnswer: FrameHandler;
}

const emptyFrame = new Uint8Array(0);

/**
 * Connects (and completes the TLS handshake) within `setupTimeoutMs`, or rejects with the cause.
 */
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
  /** What is sent while somebody is alone with the connection. */
  let held: Parameters<SendFrame>[] | undefined;

  const frames = (options.readFrames ?? createFrameReader)((frame) => {
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

  const sendNow: SendFrame = (id, bytes, expectsAnswer, onAnswer, onWritten) => {
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
  };

  function nextCorrelationId(): number {
    correlationId = (correlationId + 1) & 0x7fffffff;
    return correlationId;
  }

  function callerThrough(sendFrame: SendFrame): Caller {
    const { clientId } = options;
    return createCaller({ name, clientId, nextCorrelationId, sendFrame, fail });
  }

  const connection: BrokerConnection = {
    ...callerThrough((...frame) => connection.sendFrame(...frame)),
    get isClosed() {
      return closedBy !== undefined;
    },
    get closedBy() {
      return closedBy;
    },
    onClose: () => {},
    nextCorrelationId,
    sendFrame(...frame) {
      if (held === undefined) sendNow(...frame);
      else held.push(frame);
    },
    async alone(work) {
      held ??= [];
      try {
        await work(callerThrough(sendNow));
      } finally {
        const frames = held;
        held = undefined;
        for (const frame of frames) sendNow(...frame);
      }
    },
    close(reason) {
      fail(reason ?? networkError(name, "the connection was closed by this client"));
    },
  };

  const opened = await openSocket({
    ...options,
    name,
    bytesLeft: () => frames.bytesLeft ?? 0,
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
  socket = opened;
  // What came with the opening may have been enough to give the connection up.
  if (connection.closedBy !== undefined) {
    opened.close();
    throw connection.closedBy;
  }
  return connection;
}

/** A mistake of this program inside a handler must end it, not look like a network error. */
function rethrow(error: unknown): never {
  throw error;
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
