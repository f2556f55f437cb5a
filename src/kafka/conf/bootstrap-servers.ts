// Reads bootstrap.servers: host:port pairs as Kafka's clients accept them, with IPv6 addresses in
// brackets and an optional scheme in front.

import { isIPv6 } from "node:net";
import type { ConfReader } from "./conf-reader.ts";
import type { BrokerAddress } from "./types.ts";

const key = "bootstrap.servers";
const example = "expected host:port, for example broker1:9092 or [::1]:9092";

export function readBootstrapServers(reader: ConfReader): BrokerAddress[] {
  if (!reader.areGood(key)) return [];
  const urls = reader.list(key).filter((url) => url !== "");
  if (urls.length === 0) {
    reader.fail(key, `No resolvable bootstrap urls given in ${key} (${example})`);
    return [];
  }
  return urls.flatMap((url) => {
    const address = parseAddress(url);
    if (typeof address !== "string") return [address];
    reader.fail(key, address);
    return [];
  });
}

/** The address, or what is wrong with it. */
export function parseAddress(url: string): BrokerAddress | string {
  const match = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?(\[.*\]|[^[\]]*):(\d+)$/.exec(url);
  const host = match?.[1]?.replace(/^\[(.*)\]$/, "$1") ?? "";
  if (!/^[\w.:%-]+$/.test(host) || (host.includes(":") && !isIPv6(host))) {
    return `Invalid url in ${key}: ${url} (${example})`;
  }
  const port = Number(match?.[2]);
  if (port < 1 || port > 65535) {
    return `Invalid port in ${key}: ${url} (a port is between 1 and 65535)`;
  }
  return { host, port };
}
