// The way to one broker for Fetch requests: connects on demand, again after failures with
// reconnect.backoff.ms, and has one request in flight. What to ask is the fetcher's business.

import type { ClientEnvironment, KafkaError } from "../../client.ts";
import type { BrokerAddress, ConnectionConf } from "../../conf/types.ts";
import { backoffAfter } from "../../retry.ts";
import type { ReadFrames } from "../broker-connection.ts";
import { FrameError } from "../frame-reader.ts";
import { callError, networkError } from "../protocol-error.ts";
import type { Session } from "../session.ts";
import { type AnswerStream, createStreamFrames } from "./stream-frames.ts";

export interface FetchLink {
  readonly brokerId: number;
  /** A request can go out: there is a session and nothing is in flight. Else it connects. */
  isReady(): boolean;
  /** Sends the bytes that `write` gives for a correlation id. */
  send(write: (correlationId: number) => Uint8Array): void;
  /** The broker asked for silence (a quota). */
  mute(ms: number): void;
  close(): void;
}

export interface FetchLinkEvents {
  address(): BrokerAddress | undefined;
  open(address: BrokerAddress, readFrames: ReadFrames): Promise<Session>;
  /** Takes the bytes of an answer while it arrives. */
  readonly stream: AnswerStream;
  /** The answer is complete. What it throws as FrameError closes the connection. */
  onAnswer(): void;
  /** A request can go out, or another try to connect is due. */
  onReady(): void;
  /** Could not connect, or lost the connection with what was in flight. */
  onFailure(error: KafkaError): void;
}

export function createFetchLink(
  brokerId: number,
  conf: ConnectionConf,
  { clock }: ClientEnvironment,
  events: FetchLinkEvents,
): FetchLink {
  const backoff = { backoffMs: conf.reconnectBackoffMs, backoffMaxMs: conf.reconnectBackoffMaxMs };
  let session: Session | undefined;
  let isOpening = false;
  /** The correlation id of the request in flight. */
  let inFlight: number | undefined;
  let isClosed = false;
  let failures = 0;
  let mutedUntilUs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function wakeIn(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      events.onReady();
    }, ms);
  }

  function failed(error: KafkaError): void {
    session = undefined;
    inFlight = undefined;
    if (isClosed) return;
    failures += 1;
    wakeIn(backoffAfter(backoff, failures));
    events.onFailure(error);
  }

  async function connect(address: BrokerAddress): Promise<void> {
    isOpening = true;
    try {
      const opened = await events.open(address, (onFrame) =>
        createStreamFrames(onFrame, (id) => (id === inFlight ? events.stream : undefined)),
      );
      isOpening = false;
      if (isClosed) {
        opened.connection.close();
        return;
      }
      const { closedBy } = opened.connection;
      if (closedBy !== undefined) throw closedBy;
      session = opened;
      opened.connection.onClose = (reason) => {
        if (session === opened) failed(reason);
      };
      events.onReady();
    } catch (error) {
      isOpening = false;
      failed(callError(`broker ${brokerId}`, error));
    }
  }

  function answered(): void {
    inFlight = undefined;
    failures = 0;
    try {
      events.onAnswer();
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      session?.connection.close(networkError(session.connection.name, error.message, error));
    }
  }

  return {
    brokerId,
    isReady() {
      if (isClosed || inFlight !== undefined || isOpening) return false;
      if (session === undefined) {
        if (timer !== undefined) return false;
        const address = events.address();
        if (address !== undefined) void connect(address);
        return false;
      }
      return clock.nowUs() >= mutedUntilUs;
    },
    send(write) {
      const { connection } = session!;
      const id = connection.nextCorrelationId();
      inFlight = id;
      connection.sendFrame(id, write(id), true, (frame) => {
        // Without a frame the connection is closing, which says so itself.
        if (frame !== undefined && !isClosed) answered();
      });
    },
    mute(ms) {
      mutedUntilUs = clock.nowUs() + ms * 1000;
      wakeIn(ms + 1);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      session?.connection.close();
      session = undefined;
    },
  };
}
