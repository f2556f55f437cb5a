// What both command line clients share: how to reach the daemon, tries, and how answers are read.

import { TrogdorError } from "../core/trogdor-error.ts";
import type { Clock } from "../platform/clock/clock.ts";
import { callAndRead, type HttpCall, type TransportOptions } from "./http-call.ts";
import type { Credentials } from "./listening.ts";
import { readObject } from "./read-answer.ts";
import { retried } from "./retried.ts";
import { socketTransport } from "./socket-transport.ts";

export interface ClientOptions extends Credentials {
  readonly hostname: string;
  readonly port: number;
  readonly clock: Pick<Clock, "sleep">;
  /** For each try; 30 seconds unless given. A create on a Java agent lasts as long as its start. */
  readonly timeoutMs?: number;
}

export interface ClientCalls {
  readonly url: string;
  get<T>(path: string, read: (text: string) => T): Promise<T>;
  post<T>(path: string, read: (text: string) => T): Promise<T>;
  /** A call without a result. */
  send(method: HttpCall["method"], path: string, body?: string): Promise<void>;
  notFound(message: string): never;
  close(): void;
}

const timeoutDefaultMs = 30_000;

export function clientCalls(options: ClientOptions): ClientCalls {
  const { hostname, port, tls, token, clock, timeoutMs = timeoutDefaultMs } = options;
  const transportOptions: TransportOptions = {
    hostname,
    port,
    ...(tls === undefined ? {} : { tls }),
    ...(token === undefined ? {} : { token }),
  };
  const transport = socketTransport(transportOptions);
  const run = <T>(call: Omit<HttpCall, "timeoutMs">, read: (text: string) => T): Promise<T> =>
    retried(clock, () =>
      callAndRead(transport, { ...call, timeoutMs }, (answer) => read(answer.text)),
    );
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `${tls === undefined ? "http" : "https"}://${host}:${port}`,
    get: (path, read) => run({ method: "GET", path }, read),
    post: (path, read) => run({ method: "POST", path }, read),
    async send(method, path, body) {
      await run({ method, path, ...(body === undefined ? {} : { body }) }, readObject);
    },
    notFound(message) {
      throw new TrogdorError("notFound", message);
    },
    close: transport.close,
  };
}
