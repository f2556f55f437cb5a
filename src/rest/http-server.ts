// What both daemons' HTTP servers share: routing, content types, sizes, credentials, error bodies
// and the headers of every answer. The rules for callers are docs/rest-api.md.

import { type Server, serve } from "bun";
import { errorText, TrogdorError } from "../core/trogdor-error.ts";
import type { Log } from "../platform/log/log.ts";
import { SPEC_SIZE_MAX_BYTES } from "../spec/json.ts";
import { version } from "../version.ts";
import { checkCaller, checkNode } from "./authorize.ts";
import { errorBody, HttpError, messageOfError, statusOfError } from "./error-status.ts";
import { callerOf, type PeerUserId } from "./identify-caller.ts";
import type { Listening } from "./listening.ts";
import { checkTypes, readBody } from "./read-body.ts";
import type { RequestRecorder } from "./request-recorder.ts";
import {
  type Answer,
  allowedMethods,
  type FindRoute,
  type Method,
  type Routes,
  router,
  type SpecialAnswer,
  splitUrl,
} from "./routes.ts";

export interface ServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly listening: Listening;
  readonly log: Log;
  /** The wall clock, for the header `Trogdor-Now-Ms`. */
  nowMs(): number;
  /** This agent's node: calls that one of our coordinators meant for another one are refused. */
  readonly node?: string;
  /** Finds the user at the other end of a loopback connection; without it nobody is known. */
  readonly peerUserId?: PeerUserId;
}

export interface RestServer {
  readonly port: number;
  /** Where the daemon is reached from this machine. */
  readonly url: string;
  /** Lets requests under way end, for a moment, then closes everything. */
  stop(): Promise<void>;
}

/** Bun closes a connection that is silent for so long; clients keep idle ones for less. */
export const idleTimeoutSeconds = 30;
const stopGraceMs = 1000;
/** Above the largest body that is read, so that a body a little too large still gets our error. */
const refusedBodySizeBytes = 4 * SPEC_SIZE_MAX_BYTES;

export function startServer(
  routes: Routes,
  options: ServerOptions,
  requests: RequestRecorder,
): RestServer {
  const find = router(routes);
  const server = listen(options, (request, bunServer) =>
    respond(request, bunServer, find, options, requests),
  );
  const { hostname, tls } = options.listening;
  const port = server.port ?? options.port;
  const host = isAnyAddress(hostname) ? "localhost" : hostname;
  return {
    port,
    url: `${tls === undefined ? "http" : "https"}://${bracketed(host)}:${port}`,
    async stop() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, stopGraceMs);
      await Promise.race([server.stop(), promise]);
      clearTimeout(timer);
      await server.stop(true);
    },
  };
}

type Fetch = (request: Request, server: Server<undefined>) => Promise<Response>;

function listen(options: ServerOptions, fetch: Fetch): Server<undefined> {
  const { port, listening } = options;
  const mutual = listening.tls?.ca === undefined ? {} : mutualTls;
  const start = (hostname: string) =>
    serve({
      hostname,
      port,
      fetch,
      idleTimeout: idleTimeoutSeconds,
      maxRequestBodySize: refusedBodySizeBytes,
      development: false,
      // Bun shares the port with other processes when this is left out outside of development.
      reusePort: false,
      ...(listening.tls === undefined ? {} : { tls: { ...listening.tls, ...mutual } }),
    });
  try {
    return start(listening.hostname);
  } catch (error) {
    const { code } = error as { code?: string };
    const hasNoIpv6 = code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL";
    if (listening.hostname === "::" && hasNoIpv6) return start("0.0.0.0");
    throw listenError(error, listening.hostname, port);
  }
}

const mutualTls = { requestCert: true, rejectUnauthorized: true };

const listenReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses that port",
  EADDRNOTAVAIL: "this machine does not have that address",
  EACCES: "this user may not use that port",
};

function listenError(error: unknown, hostname: string, port: number): TrogdorError {
  const { code = "" } = error as { code?: string };
  const why = listenReasons[code] ?? errorText(error);
  const text = `cannot listen on ${hostname} port ${port}: ${why}`;
  return new TrogdorError("unavailable", text, { cause: error });
}

async function respond(
  request: Request,
  server: Server<undefined>,
  find: FindRoute,
  options: ServerOptions,
  requests: RequestRecorder,
): Promise<Response> {
  const startedMs = performance.now();
  const seen = { path: "other" };
  let response: Response;
  try {
    response = await answerRequest(request, server, find, options, seen);
  } catch (error) {
    response = errorResponse(error, request, options);
  }
  requests.record(seen.path, request.method, response.status, performance.now() - startedMs);
  return response;
}

async function answerRequest(
  request: Request,
  server: Server<undefined>,
  find: FindRoute,
  options: ServerOptions,
  seen: { path: string },
): Promise<Response> {
  const { method, headers } = request;
  const { path, query } = splitUrl(request.url);
  checkCaller(headers, path, options.listening);
  checkNode(headers, options.node);
  const found = find(path);
  if (found === undefined) throw new HttpError(404, "HTTP 404 Not Found");
  seen.path = found.path;
  const allowed = allowedMethods(found.methods);
  if (method === "OPTIONS") {
    return response(options, { text: allowed, contentType: "text/plain" }, 200, { Allow: allowed });
  }
  const handler = found.methods[(method === "HEAD" ? "GET" : method) as Method];
  if (handler === undefined) {
    const text = `HTTP 405 Method Not Allowed: expected ${allowed}`;
    throw new HttpError(405, text, { Allow: allowed });
  }
  if (found.path !== metricsPath) checkTypes(headers);
  const answer = await handler({
    id: found.id,
    query,
    caller: callerOf(request, server, options),
    readBody: () => readBody(request),
  });
  return response(options, answer, 200);
}

/** Its readers ask for Prometheus' own types. */
const metricsPath = "/metrics";

function errorResponse(error: unknown, request: Request, options: ServerOptions): Response {
  const status = statusOfError(error);
  if (!(error instanceof TrogdorError || error instanceof HttpError)) {
    const cause = error instanceof Error ? error.stack : String(error);
    options.log.error("request failed", { method: request.method, url: request.url, cause });
  }
  const headers = error instanceof HttpError ? error.headers : {};
  return response(options, errorBody(status, messageOfError(error)), status, headers);
}

function response(
  options: ServerOptions,
  answer: Answer,
  status: number,
  more: Readonly<Record<string, string>> = {},
): Response {
  const special: SpecialAnswer = typeof answer === "string" ? { text: answer } : answer;
  const headers: Record<string, string> = {
    "Content-Type": special.contentType ?? "application/json",
    "Trogdor-Version": version,
    "Trogdor-Now-Ms": String(options.nowMs()),
    ...more,
  };
  if (special.endsConnection) headers["Connection"] = "close";
  return new Response(special.text, { status, headers });
}

function isAnyAddress(hostname: string): boolean {
  return hostname === "::" || hostname === "0.0.0.0";
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
