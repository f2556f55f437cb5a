// Requests off the hot path: metadata, topics, coordinators. They go over a connection of their own,
// so that they never wait behind outstanding Produce requests. Any broker will do for most; when
// one fails, the next known address is tried.

import type { MetadataResponse } from "@kafka-wire/apis/metadata/metadata-v12.js";
import type { ClientEnvironment } from "../client.ts";
import { KafkaError } from "../client.ts";
import type { BrokerAddress, ConnectionConf } from "../conf/types.ts";
import { type Backoff, type Deadline, retrying, within } from "../retry.ts";
import { type BrokerConnection, callTolerant } from "./broker-connection.ts";
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
  /** Metadata of these topics; errors of single topics stay in the response. */
  metadata(topics: readonly string[], deadline: Deadline): Promise<MetadataResponse>;
  /** A new session, for the caller to keep and close. */
  open(address: BrokerAddress): Promise<Session>;
  close(): void;
}

export function createControl(conf: ConnectionConf, environment: ClientEnvironment): Control {
  const { clock } = environment;
  const backoff: Backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  const brokers = new Map<number, BrokerAddress>();
  const sessions = new Map<string, Promise<Session>>();
  let isClosed = false;
  let rotation = 0;

  const open = (address: BrokerAddress) =>
    openSession({ ...conf, address, setupTimeoutMs: conf.connectionSetupTimeoutMs, clock });

  function kept(address: BrokerAddress): Promise<Session> {
    const key = keyOf(address);
    const existing = sessions.get(key);
    if (existing !== undefined) return existing;
    const opening = open(address);
    sessions.set(key, opening);
    const forget = () => {
      if (sessions.get(key) === opening) sessions.delete(key);
    };
    opening.then((session) => {
      session.connection.onClose = forget;
      if (session.connection.isClosed) forget();
      if (isClosed) session.connection.close();
    }, forget);
    return opening;
  }

  const control: Control = {
    brokers,
    open,
    async askAt(address, deadline, ask) {
      const asking = kept(address).then((session) => ask(session.connection));
      const late = () => timedOut(`${keyOf(address)} did not answer in time`);
      return await within(clock, deadline, late, asking);
    },
    askAny(deadline, ask) {
      return retrying(clock, backoff, deadline, async () => {
        const addresses = candidates(conf.bootstrapServers, brokers);
        let lastError: unknown;
        for (let i = 0; i < addresses.length; i++) {
          const address = addresses[rotation % addresses.length]!;
          try {
            return await control.askAt(address, deadline, ask);
          } catch (error) {
            lastError = error;
            rotation++;
          }
        }
        throw lastError;
      });
    },
    async metadata(topics, deadline) {
      const response = await control.askAny(deadline, (connection) =>
        callTolerant(connection, wireApi.metadata, [...topics], false, false),
      );
      for (const broker of response.brokers) {
        brokers.set(broker.nodeId, { host: broker.host, port: broker.port });
      }
      return response;
    },
    close() {
      isClosed = true;
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

export function timedOut(message: string): KafkaError {
  return new KafkaError("REQUEST_TIMED_OUT", message, true);
}
