// HTTP calls by fetch, for connections with TLS; plain ones go through socket-transport.ts.

import { errorText } from "../core/trogdor-error.ts";
import {
  callHeaders,
  type HttpCall,
  NoAnswerError,
  type Transport,
  type TransportOptions,
} from "./http-call.ts";

export function fetchTransport(options: TransportOptions): Transport {
  const { hostname, port, tls } = options;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const base = `${tls === undefined ? "http" : "https"}://${host}:${port}`;
  const secured = tls === undefined ? {} : { tls };
  const isClosed = new AbortController();
  return {
    async call(call) {
      const signal = AbortSignal.any([isClosed.signal, AbortSignal.timeout(call.timeoutMs)]);
      try {
        const response = await fetch(`${base}${call.path}`, {
          method: call.method,
          headers: callHeaders(call, options),
          redirect: "manual",
          signal,
          ...(call.body === undefined ? {} : { body: call.body }),
          ...secured,
        });
        const text = await response.text();
        const header = (name: string) => response.headers.get(name) ?? undefined;
        return { status: response.status, header, text };
      } catch (error) {
        throw noAnswer(error, call, base);
      }
    },
    close: () => isClosed.abort(),
  };
}

function noAnswer(error: unknown, call: HttpCall, base: string): NoAnswerError {
  const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
  const why = isTimeout ? `no answer within ${call.timeoutMs} ms` : errorText(error);
  return new NoAnswerError(`${call.method} ${base}${call.path}: ${why}`, { cause: error });
}
