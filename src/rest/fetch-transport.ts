// HTTP calls by fetch: for TLS, and for the command line, where a new connection costs nothing.

import { errorText } from "../core/trogdor-error.ts";
import { type HttpCall, NoAnswerError, type Transport } from "./http-call.ts";
import type { Credentials } from "./listening.ts";

export interface TransportOptions extends Credentials {
  readonly hostname: string;
  readonly port: number;
  /** The id of the coordinator that calls; absent for everyone else. */
  readonly coordinatorId?: string;
}

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

export function callHeaders(call: HttpCall, options: TransportOptions): Record<string, string> {
  return {
    "User-Agent": "trogdor",
    Accept: "application/json",
    ...(call.body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` }),
    ...(options.coordinatorId === undefined
      ? {}
      : { "Trogdor-Coordinator": options.coordinatorId }),
  };
}

function noAnswer(error: unknown, call: HttpCall, base: string): NoAnswerError {
  const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
  const why = isTimeout ? `no answer within ${call.timeoutMs} ms` : errorText(error);
  return new NoAnswerError(`${call.method} ${base}${call.path}: ${why}`, { cause: error });
}
