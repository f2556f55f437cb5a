// A connection to a model broker: the socket takes requests after a while, they are done in their
// order and answered in their order, each after a random time. It breaks, or falls silent, before
// or after a request was done.

import type { KafkaError } from "../client.ts";
import type { FrameHandler } from "./api-calls.ts";
import type { BrokerConnection } from "./broker-connection.ts";
import type { Mishaps } from "./mishaps.suite.ts";
import { networkError } from "./protocol-error.ts";

export interface ModelConnectionOptions {
  readonly name: string;
  readonly requestTimeoutMs: number;
  random(): number;
  /** A timer of the model. */
  later(ms: number, work: () => void): void;
  mishaps(): Mishaps;
  /** Does the request and gives its answer. */
  process(frame: Uint8Array): Uint8Array;
}

interface Outstanding {
  readonly onAnswer: FrameHandler;
  readonly timer: ReturnType<typeof setTimeout>;
}

export function createModelConnection(options: ModelConnectionOptions): BrokerConnection {
  const { name, random, later } = options;
  const happens = (chance: number) => random() < chance;
  const outstanding = new Set<Outstanding>();
  let closedBy: KafkaError | undefined;
  let correlationId = 0;
  /** The broker reads no further. */
  let isDeaf = false;
  let isMute = false;
  let writtenMs = 0;
  let arrivalMs = 0;
  let answerMs = 0;

  function fail(reason: KafkaError): void {
    if (closedBy !== undefined) return;
    closedBy = reason;
    for (const { onAnswer, timer } of [...outstanding]) {
      clearTimeout(timer);
      onAnswer(undefined, reason);
    }
    outstanding.clear();
    connection.onClose(reason);
  }

  /** The broker comes to read the request. */
  function arrive(frame: Uint8Array, request: Outstanding): void {
    const mishaps = options.mishaps();
    if (happens(mishaps.connection)) fail(networkError(name, "broke before"));
    if (closedBy !== undefined && !happens(mishaps.late)) isDeaf = true;
    if (isDeaf) return;
    const answer = options.process(frame);
    if (happens(mishaps.connection)) fail(networkError(name, "broke behind"));
    if (happens(mishaps.connection / 3)) isMute = true;
    if (closedBy !== undefined || isMute) return;
    answerMs = Math.max(answerMs, Date.now() + random() * 20);
    later(answerMs - Date.now(), () => {
      if (!outstanding.delete(request)) return;
      clearTimeout(request.timer);
      request.onAnswer(answer, undefined);
    });
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
    nextCorrelationId: () => ++correlationId,
    sendFrame(_id, bytes, _expectsAnswer, onAnswer, onWritten) {
      if (closedBy !== undefined) {
        onAnswer(undefined, closedBy);
        return;
      }
      const silence = () => fail(networkError(name, "silent"));
      const request = { onAnswer, timer: setTimeout(silence, options.requestTimeoutMs) };
      outstanding.add(request);
      writtenMs = Math.max(writtenMs, Date.now() + random() * 3);
      later(writtenMs - Date.now(), () => {
        // What the socket has not taken when it is closed, the broker never gets.
        if (closedBy !== undefined) return;
        const frame = bytes.slice();
        onWritten?.();
        arrivalMs = Math.max(arrivalMs, Date.now() + random() * 10);
        later(arrivalMs - Date.now(), () => arrive(frame, request));
      });
    },
    call: () => Promise.reject(new Error("the model takes no calls")),
    send: () => {},
    alone: () => Promise.reject(new Error("the model asks for no authentication")),
    close: (reason) => fail(reason ?? networkError(name, "closed by the client")),
  };
  return connection;
}
