// One connection to one broker, made as far as it takes until a request could be sent, and closed
// again: TCP, the TLS handshake and authentication, as configured. For loads of connections. On a
// connection without authentication nothing is sent.

import type { ClientEnvironment } from "../client.ts";
import type { BrokerAddress, ConnectionConf } from "../conf/types.ts";
import { openSession } from "./session.ts";
import { openSocket } from "./socket.ts";

/** Rejects with the reason when it is not ready within `timeoutMs`. */
export async function connectOnce(
  address: BrokerAddress,
  conf: ConnectionConf,
  timeoutMs: number,
  { clock }: Pick<ClientEnvironment, "clock">,
  signal: AbortSignal,
): Promise<void> {
  if (conf.sasl === undefined) {
    const socket = await openSocket({
      name: `${address.host}:${address.port}`,
      address,
      tls: conf.tls,
      setupTimeoutMs: timeoutMs,
      signal,
      onData: () => {},
      onClose: () => {},
    });
    socket.close();
    return;
  }
  const bound = { setupTimeoutMs: timeoutMs, requestTimeoutMs: timeoutMs };
  const session = await openSession({ ...conf, ...bound, address, clock, signal });
  session.connection.close();
}
