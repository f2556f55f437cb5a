// The way to one broker for Produce requests: connects on demand, again after failures with
// reconnect.backoff.ms, and counts what is in flight. What to send is the sender's business.

import type { ClientEnvironment, KafkaError } from "../client.ts";
import type { BrokerAddress, ProducerConf } from "../conf/types.ts";
import { backoffAfter } from "../retry.ts";
import { createInFlightWindow, type InFlightWindow } from "./in-flight-window.ts";
import type { PartitionQueue } from "./partition-queue.ts";
import { callError } from "./protocol-error.ts";
import type { Session } from "./session.ts";

export interface BrokerLink {
  readonly brokerId: number;
  /** TopicPartitions led by this broker that may have something to send. */
  listed: PartitionQueue[];
  inFlight: number;
  readonly window: InFlightWindow;
  /** The broker asked for silence (a quota) until then. */
  mutedUntilUs: number;
  /** The open session, or undefined; then one is being opened if the backoff allows it. */
  session(): Session | undefined;
  close(reason?: KafkaError): void;
}

export interface BrokerLinkEvents {
  address(): BrokerAddress | undefined;
  open(address: BrokerAddress): Promise<Session>;
  /** There is a session, or another try is due: look again at what can be sent. */
  onChange(): void;
  /** Could not connect, or lost the connection. */
  onFailure(error: KafkaError): void;
}

export function createBrokerLink(
  brokerId: number,
  conf: ProducerConf,
  environment: ClientEnvironment,
  events: BrokerLinkEvents,
): BrokerLink {
  const backoff = { backoffMs: conf.reconnectBackoffMs, backoffMaxMs: conf.reconnectBackoffMaxMs };
  let session: Session | undefined;
  let isOpening = false;
  let isClosed = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function connect(address: BrokerAddress): Promise<void> {
    isOpening = true;
    try {
      const opened = await events.open(address);
      if (isClosed) {
        opened.connection.close();
        return;
      }
      // It may have been lost before anybody looked at it.
      const { closedBy } = opened.connection;
      if (closedBy !== undefined) throw closedBy;
      failures = 0;
      session = opened;
      opened.connection.onClose = (reason) => {
        session = undefined;
        if (!isClosed) failed(reason);
      };
    } catch (error) {
      if (!isClosed) failed(callError(`broker ${brokerId}`, error));
    } finally {
      isOpening = false;
    }
    events.onChange();
  }

  function failed(error: KafkaError): void {
    failures += 1;
    environment.log.debug("lost the connection to a broker", { brokerId, error: error.message });
    timer = setTimeout(
      () => {
        timer = undefined;
        events.onChange();
      },
      backoffAfter(backoff, failures),
    );
    events.onFailure(error);
  }

  return {
    brokerId,
    listed: [],
    inFlight: 0,
    window: createInFlightWindow(conf.maxInFlight),
    mutedUntilUs: 0,
    session() {
      if (session !== undefined) return session;
      if (isOpening || isClosed || timer !== undefined) return undefined;
      const address = events.address();
      if (address !== undefined) void connect(address);
      return undefined;
    },
    close(reason) {
      if (reason === undefined) {
        isClosed = true;
        clearTimeout(timer);
      }
      session?.connection.close(reason);
    },
  };
}
