// `--target`: HOST:PORT as in the reference, or a bare host, which gets the daemon's usual port.

import { TrogdorError } from "../../core/trogdor-error.ts";

export interface Target {
  readonly hostname: string;
  readonly port: number;
  /** As it was given, for messages. */
  readonly text: string;
  /** It was written as https://... */
  readonly isHttps: boolean;
}

export function parseTarget(given: string, defaultPort: number): Target {
  const scheme = /^(https?):\/\//.exec(given.trim());
  const text = given
    .trim()
    .slice(scheme?.[0].length ?? 0)
    .replace(/\/$/, "");
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const hostname = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (hostname === undefined || port < 1 || port > 65535) {
    throw new TrogdorError(
      "usage",
      `The target is "${given}"; expected HOST:PORT such as localhost:${defaultPort}, with a ` +
        "port from 1 to 65535 ([::1]:8889 for an IPv6 address)",
    );
  }
  return { hostname, port, text, isHttps: scheme?.[1] === "https" };
}
