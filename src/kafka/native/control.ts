// Requests off the hot path: metadata, topics, coordinators. They go over a connection of their
// own, so that they never wait behind outstanding Produce requests. Any broker will do for most;
// when one fails or keeps silent, the next known address is tried while there is time.

import type { MetadataResponse } from "@kafka-wire/apis/metadata/metadata-v12.js";
import type { Clock } from "../../platform/clock/clock.ts";
import type { ClientEnvironment } from "../client.ts";
import { KafkaError } from "../client.ts";
import type { BrokerAddress, ConnectionConf } from "../conf/types.ts";
import { type Backoff, type Deadline, retrying, within } from "../retry.ts";
import { callTolerant } from "./api-calls.ts";
import type { BrokerConnection, ReadFrames } from "./broker-connection.ts";
import { FrameError } from "./frame-reader.ts";
import { callError } from "./protocol-error.ts";
import { openSession, type Session } from "./session.ts";
import { wireApi } from "./wire-api.ts";

/** One or more requests over a connection; rejects with KafkaError. */
export type Ask<Answer> = (connection: BrokerConnection) => Promise<Answer>;

export interface Control {
  /** Brokers by id, as the last metadata told. */
  readonly brokers: ReadonlyMap<number, BrokerAddress>;
  /** Asks any broker; retriable failures are tried again on the next one until the deadline. */
  askAny<Answer>(deadline: Deadline, ask: Ask<Answer>): Promise<Answer>;
  /** Asks this broker once, over a connection that is kept. */
  askAt<Answer>(address: BrokerAddress, deadline: Deadline, ask: Ask<Answer>): Promise<Answer>;
  /**
   * Metadata of these topics; errors of single topics stay in the response. Brokers may be allowed
   * to create those that are missing.
   */
  metadata(
    topics: readonly string[],
    deadline: Deadline,
    mayCreate?: boolean,
  ): Promise<MetadataResponse>;
  /** A new session, for the caller to keep and close. */
  open(address: BrokerAddress, readFrames?: ReadFrames): Promise<Session>;
  close(): void;
}

export function createControl(conf: ConnectionConf, environment: ClientEnvironment): Control {
  const { clock } = environment;
  const backoff: Backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  const brokers = new Map<number, BrokerAddress>();
  const sessions = new Map<string, Promise<Session>>();
  /** Why the last try to connect failed, by address. */
  const failures = new Map<string, KafkaError>();
  const ended = new AbortController();
  let hasConnected = false;
  let rotation = 0;

  async function open(address: BrokerAddress, readFrames?: ReadFrames): Promise<Session> {
    if (ended.signal.aborted) throw clientClosed();
    const setupTimeoutMs = conf.connectionSetupTimeoutMs;
    try {
      const session = await openSession({
        ...conf,
        address,
        setupTimeoutMs,
        clock,
        signal: ended.signal,
        readFrames,
      });
      hasConnected = true;
      return session;
    } catch (error) {
      throw ended.signal.aborted ? clientClosed() : connectError(error, hasConnected);
    }
  }

  function kept(address: BrokerAddress): Promise<Session> {
    const key = keyOf(address);
    const existing = sessions.get(key);
    if (existing !== undefined) return existing;
    const opening = open(address);
    sessions.set(key, opening);
    const forget = () => {
      if (sessions.get(key) === opening) sessions.delete(key);
    };
    opening.then(
      (session) => {
        failures.delete(key);
        session.connection.onClose = forget;
        if (session.connection.isClosed) forget();
      },
      (error: unknown) => {
        failures.set(key, callError(key, error));
        forget();
      },
    );
    return opening;
  }

  const control: Control = {
    brokers,
    open,
    async askAt(address, deadline, ask) {
      const asking = kept(address).then((session) => ask(session.connection));
      const key = keyOf(address);
      // That the time is over says less than what went wrong before.
      const late = () => failures.get(key) ?? timedOut(`${key} did not answer in time`);
      return await within(clock, deadline, late, asking);
    },
    askAny(deadline, ask) {
      const signals = deadline.signal === undefined ? [] : [deadline.signal];
      const signal = AbortSignal.any([ended.signal, ...signals]);
      const asking = retrying(clock, backoff, { ...deadline, signal }, async () => {
        const addresses = candidates(conf.bootstrapServers, brokers);
        let lastError: unknown;
        for (let left = addresses.length; left > 0; left--) {
          const address = addresses[rotation % addresses.length]!;
          try {
            const until = left > 1 ? halfOf(clock, deadline) : deadline;
            return await control.askAt(address, until, ask);
          } catch (error) {
            lastError = error;
            rotation++;
          }
        }
        throw lastError;
      });
      return asking.catch((error: unknown) => {
        throw ended.signal.aborted ? clientClosed() : error;
      });
    },
    async metadata(topics, deadline, mayCreate = false) {
      const response = await control.askAny(deadline, (connection) =>
        callTolerant(connection, wireApi.metadata, [...topics], mayCreate, false),
      );
      for (const broker of response.brokers) {
        brokers.set(broker.nodeId, { host: broker.host, port: broker.port });
      }
      return response;
    },
    close() {
      ended.abort();
      for (const opening of sessions.values()) {
        opening.then(
          (session) => session.connection.close(),
          () => {},
        );
      }
      sessions.clear();
    },
  };
  return control;
}

/** A broker that keeps silent must leave time for the others: half of it. */
function halfOf(clock: Clock, deadline: Deadline): Deadline {
  return { ...deadline, untilUs: (clock.nowUs() + deadline.untilUs) / 2 };
}

/**
 * A broker that breaks the TLS handshake off, or does not speak Kafka, is taken for a mistake in
 * the configuration until there was a first connection, and for a passing failure from then on.
 */
function connectError(error: unknown, hasConnected: boolean): unknown {
  if (!(error instanceof KafkaError) || !error.retriable) return error;
  const { code, message } = error;
  const isTls = code === "SSL_HANDSHAKE_FAILED";
  if (hasConnected)
    return isTls ? new KafkaError("NETWORK_EXCEPTION", message, true, error) : error;
  const isMistake = isTls || error.cause instanceof FrameError;
  return isMistake ? new KafkaError(code, message, false, error) : error;
}

function clientClosed(): KafkaError {
  return new KafkaError("CLIENT_CLOSED", "the client was closed", false);
}

function keyOf(address: BrokerAddress): string {
  return `${address.host}:${address.port}`;
}

/** Bootstrap addresses first, then what metadata told, each once. */
function candidates(
  bootstrap: readonly BrokerAddress[],
  brokers: ReadonlyMap<number, BrokerAddress>,
): BrokerAddress[] {
  const byKey = new Map<string, BrokerAddress>();
  for (const address of [...bootstrap, ...brokers.values()]) byKey.set(keyOf(address), address);
  return [...byKey.values()];
}

function timedOut(message: string): KafkaError {
  return new KafkaError("REQUEST_TIMED_OUT", message, true);
}
