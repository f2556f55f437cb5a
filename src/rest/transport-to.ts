// The way to a daemon that its credentials ask for.

import { fetchTransport } from "./fetch-transport.ts";
import type { Transport, TransportOptions } from "./http-call.ts";
import { socketTransport } from "./socket-transport.ts";

export function transportTo(options: TransportOptions): Transport {
  return options.tls === undefined ? socketTransport(options) : fetchTransport(options);
}
