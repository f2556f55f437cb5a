// The two ways to send a request over a connection: `sendFrame` takes the hot path's own bytes, and
// `call` the requests of the protocol library, whose answers it reads.

import { Reader } from "@kafka-wire/protocol/reader.js";
import { Writer } from "@kafka-wire/protocol/writer.js";
import type { KafkaError } from "../client.ts";
import { FrameError } from "./frame-reader.ts";
import { callError, networkError, responseOf } from "./protocol-error.ts";
import type { WireApi } from "./wire-api.ts";

/**
 * Called once: with the response after its correlation id (valid during the call), or with an
 * error.
 */
export type FrameHandler = (frame: Uint8Array | undefined, error: KafkaError | undefined) => void;

/**
 * Sends a whole request (length, header and body are in `bytes`). `onWritten` tells when the socket
 * took its last byte. When no answer is expected (acks=0), `onAnswer` is called then, with an empty
 * frame.
 */
export type SendFrame = (
  correlationId: number,
  bytes: Uint8Array,
  expectsAnswer: boolean,
  onAnswer: FrameHandler,
  onWritten?: () => void,
) => void;

/** Who takes requests of the protocol library. */
export interface Caller {
  readonly name: string;
  /** Sends the request. Rejects with KafkaError or the library's error. */
  call<Args extends unknown[], Response>(
    api: WireApi<Args, Response>,
    ...args: Args
  ): Promise<Response>;
  /** The same in the form that the protocol library's own code asks for (SASL). */
  readonly send: Send;
}

export interface CallerOptions {
  readonly name: string;
  readonly clientId: string;
  readonly sendFrame: SendFrame;
  nextCorrelationId(): number;
  /** The stream of answers cannot be trusted any more. */
  fail(reason: KafkaError): void;
}

export function createCaller(options: CallerOptions): Caller {
  const send: Send = (...request) => {
    const callback = request[6];
    sendApi(options, request).catch((error: unknown) => callback(error as Error));
  };
  const peer = { send } as unknown as Peer;
  return { name: options.name, send, call: (api, ...args) => api.async(peer, ...args) };
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
  through: CallerOptions,
  [key, version, create, parse, hasRequestTags, hasResponseTags, callback]: Parameters<Send>,
): Promise<void> {
  const payload = await create();
  const id = through.nextCorrelationId();
  const writer = Writer.create();
  writer.appendInt16(key).appendInt16(version).appendInt32(id);
  writer.appendString(through.clientId, false);
  if (hasRequestTags) writer.appendTaggedFields();
  writer.appendFrom(payload).prependLength();
  through.sendFrame(id, new Uint8Array(writer.buffer), true, (frame, error) => {
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
      if (responseOf(parseError) !== undefined) {
        callback(parseError as Error);
        return;
      }
      const malformed = new FrameError("the answer does not look like Kafka", {
        cause: parseError,
      });
      const reason = networkError(through.name, malformed.message, malformed);
      callback(reason);
      through.fail(reason);
    }
  });
}

/** A call whose error is told as KafkaError with the broker's address. */
export async function callBroker<Args extends unknown[], Response>(
  connection: Caller,
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
  connection: Caller,
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
