// Connections that are made as far as it takes until a request could be sent, and closed again:
// TCP, the TLS handshake and authentication, as configured. For loads of connections. On a
// connection without authentication nothing is sent.

import { lookup } from "node:dns/promises";
import type { ClientEnvironment } from "../client.ts";
import type { BrokerAddress, ConnectionConf } from "../conf/types.ts";
import { openSession } from "./session.ts";
import { openSocket } from "./socket.ts";

export interface Connector {
  /** One of the bootstrap addresses, by chance. Rejects when it is not ready in time. */
  connect(timeoutMs: number, signal: AbortSignal): Promise<ClosingConnection>;
}

export interface ClosingConnection {
  /**
   * Resolves when the broker has closed its side too, or after the time that the connection had to
   * become ready, or when the signal aborts. The kernel completes connections that the
   * broker has not accepted yet: who goes on sooner only fills its queue (50 by default), whose
   * overflow drops what comes next for a second.
   */
  readonly gone: Promise<void>;
}

/** Looks names up once, as the reference does. Certificates need the names: with TLS they stay. */
export async function createConnector(
  conf: ConnectionConf,
  { clock }: Pick<ClientEnvironment, "clock">,
): Promise<Connector> {
  const { bootstrapServers, tls, sasl } = conf;
  const addresses =
    tls === undefined
      ? (await Promise.all(bootstrapServers.map(resolved))).flat()
      : bootstrapServers;
  return {
    async connect(timeoutMs, signal) {
      const address = addresses[Math.floor(Math.random() * addresses.length)]!;
      if (sasl === undefined) {
        const name = `${address.host}:${address.port}`;
        const over = new AbortController();
        const onGone = () => over.abort();
        const sink = { onData: () => {}, onClose: () => {}, onGone };
        const setup = { name, address, tls, setupTimeoutMs: timeoutMs, signal };
        const socket = await openSocket({ ...setup, ...sink });
        socket.shutdown();
        signal.addEventListener("abort", onGone);
        const gone = clock.sleep(timeoutMs, over.signal).then(() => {
          signal.removeEventListener("abort", onGone);
          socket.close();
        });
        return { gone };
      }
      const bound = { setupTimeoutMs: timeoutMs, requestTimeoutMs: timeoutMs };
      const session = await openSession({ ...conf, ...bound, address, clock, signal });
      session.connection.close();
      // Who has answered has accepted.
      return { gone: Promise.resolve() };
    },
  };
}

/** The first address of a name; a name that nobody knows stays, so that connections to it fail. */
async function resolved(address: BrokerAddress): Promise<BrokerAddress> {
  try {
    return { ...address, host: (await lookup(address.host)).address };
  } catch {
    return address;
  }
}
