// What both daemons' HTTP servers share: routing, content types, sizes, credentials, error bodies and
// the headers of every answer. The rules are docs/rest-api.md.

import { type Server, serve } from "bun";
import { errorText, TrogdorError } from "../core/trogdor-error.ts";
import type { Log } from "../platform/log/log.ts";
import { type JsonValue, parseJson, SPEC_SIZE_MAX_BYTES } from "../spec/json.ts";
import { version } from "../version.ts";
import { checkCaller } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import { errorBody, HttpError, messageOfError, statusOfError } from "./error-status.ts";
import { callerOf, type PeerUserId } from "./identify-caller.ts";
import { isLoopback, type Listening } from "./listening.ts";

export interface RestRequest {
  /** What stood in the place of a route's `{...}`, decoded; "" for other routes. */
  readonly id: string;
  /** Without the question mark. */
  readonly query: string;
  readonly caller: Caller;
  /** The body's JSON; undefined when there is no body. */
  readBody(): Promise<JsonValue | undefined>;
}

/** The text of an answer; plain text is JSON. */
export type Answer = string | { readonly contentType: string; readonly text: string };

export type Handler = (request: RestRequest) => Answer | Promise<Answer>;

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** By path; a path may end in `{name}`, which stands for everything behind. */
export type Routes = Readonly<Record<string, Readonly<Partial<Record<Method, Handler>>>>>;

export interface ServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly listening: Listening;
  readonly log: Log;
  nowMs(): number;
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

/** Bun closes what sends nothing for so long; a client may keep a connection for less. */
export const idleTimeoutSeconds = 30;
const stopGraceMs = 1000;
/** Above the largest body that is read, so that a body a little too large still gets our error. */
const refusedBodySizeBytes = 4 * SPEC_SIZE_MAX_BYTES;

export function startServer(routes: Routes, options: ServerOptions): RestServer {
  const { listening, log } = options;
  const find = router(routes);
  const server = listen(options, async (request, bunServer) => {
    try {
      return await answerRequest(request, bunServer, find, options);
    } catch (error) {
      const status = statusOfError(error);
      if (!(error instanceof TrogdorError || error instanceof HttpError)) {
        log.error("request failed", { url: request.url, error: (error as Error)?.stack ?? error });
      }
      const headers = error instanceof HttpError ? error.headers : {};
      return jsonResponse(options, errorBody(status, messageOfError(error)), status, headers);
    }
  });
  const host = isLoopback(listening.hostname) ? listening.hostname : "localhost";
  const shownHost = host.includes(":") ? `[${host}]` : host;
  const port = server.port ?? options.port;
  return {
    port,
    url: `${listening.tls === undefined ? "http" : "https"}://${shownHost}:${port}`,
    async stop() {
      let timer: Timer | undefined;
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, stopGraceMs);
      });
      await Promise.race([server.stop(), grace]);
      clearTimeout(timer);
      await server.stop(true);
    },
  };
}

type Fetch = (request: Request, server: Server<undefined>) => Promise<Response>;

function listen(options: ServerOptions, fetch: Fetch): Server<undefined> {
  const { hostname, tls, trust } = options.listening;
  const secured =
    tls === undefined
      ? {}
      : {
          tls: {
            ...tls,
            ...(trust === "mutualTls" || tls.ca !== undefined
              ? { requestCert: true, rejectUnauthorized: true }
              : {}),
          },
        };
  try {
    return serve({
      hostname,
      port: options.port,
      fetch,
      idleTimeout: idleTimeoutSeconds,
      maxRequestBodySize: refusedBodySizeBytes,
      development: false,
      ...secured,
    });
  } catch (error) {
    throw new TrogdorError(
      "unavailable",
      `cannot listen on ${hostname} port ${options.port}: ${errorText(error)}`,
      { cause: error },
    );
  }
}

type Found = { readonly methods: Routes[string]; readonly id: string };

/** Exact paths first; then those that end in a name. */
function router(routes: Routes): (path: string) => Found | undefined {
  const exact = new Map<string, Routes[string]>();
  const open: [string, Routes[string]][] = [];
  for (const [path, methods] of Object.entries(routes)) {
    const start = path.indexOf("{");
    if (start < 0) exact.set(path, methods);
    else open.push([path.slice(0, start), methods]);
  }
  return (rawPath) => {
    const path = rawPath.length > 1 && rawPath.endsWith("/") ? rawPath.slice(0, -1) : rawPath;
    const methods = exact.get(path);
    if (methods !== undefined) return { methods, id: "" };
    for (const [prefix, openMethods] of open) {
      if (!path.startsWith(prefix) || path.length === prefix.length) continue;
      return { methods: openMethods, id: decodePath(path.slice(prefix.length)) };
    }
    return undefined;
  };
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(400, `the path holds a percent sign without two hexadecimal digits`);
  }
}

async function answerRequest(
  request: Request,
  server: Server<undefined>,
  find: (path: string) => Found | undefined,
  options: ServerOptions,
): Promise<Response> {
  const { path, query } = splitUrl(request.url);
  checkCaller(request.headers, path, options.listening);
  const found = find(path);
  if (found === undefined) throw new HttpError(404, "HTTP 404 Not Found");
  const { method } = request;
  const handler = found.methods[(method === "HEAD" ? "GET" : method) as Method];
  const allowed = allowedMethods(found.methods);
  if (method === "OPTIONS") {
    return new Response(allowed, {
      headers: { ...commonHeaders(options), "Content-Type": "text/plain", Allow: allowed },
    });
  }
  if (handler === undefined) {
    throw new HttpError(405, `HTTP 405 Method Not Allowed: expected ${allowed}`, {
      Allow: allowed,
    });
  }
  checkTypes(request.headers);
  const answer = await handler({
    id: found.id,
    query,
    caller: callerOf(request, server, options),
    readBody: () => readBody(request),
  });
  if (typeof answer === "string") return jsonResponse(options, answer, 200);
  const headers = { ...commonHeaders(options), "Content-Type": answer.contentType };
  return new Response(answer.text, { headers });
}

function splitUrl(url: string): { path: string; query: string } {
  const scheme = url.startsWith("/") ? -1 : url.indexOf("://");
  const start = scheme < 0 ? 0 : url.indexOf("/", scheme + 3);
  const hash = url.indexOf("#");
  const whole = url.slice(start < 0 ? url.length : start, hash < 0 ? undefined : hash);
  const mark = whole.indexOf("?");
  if (mark < 0) return { path: whole, query: "" };
  return { path: whole.slice(0, mark), query: whole.slice(mark + 1) };
}

function allowedMethods(methods: Routes[string]): string {
  const names = Object.keys(methods);
  return [...(names.includes("GET") ? ["HEAD"] : []), ...names, "OPTIONS"].join(",");
}

function commonHeaders(options: ServerOptions): Record<string, string> {
  return { "Trogdor-Version": version, "Trogdor-Now-Ms": String(options.nowMs()) };
}

function jsonResponse(
  options: ServerOptions,
  text: string,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(text, {
    status,
    headers: {
      "Content-Type": "application/json",
      "Trogdor-Version": version,
      "Trogdor-Now-Ms": String(options.nowMs()),
      ...headers,
    },
  });
}

/** A body must be JSON and the caller must take JSON; without body and type nothing is checked. */
function checkTypes(headers: Headers): void {
  const type = headers.get("content-type");
  const isJson = type !== null && /^application\/json\s*(;|$)/i.test(type.trim());
  if (type === null ? hasBody(headers) : !isJson) {
    const found = type === null ? "none" : JSON.stringify(type);
    throw new HttpError(
      415,
      `HTTP 415 Unsupported Media Type: expected Content-Type application/json, found ${found}`,
    );
  }
  const accept = headers.get("accept");
  if (accept !== null && accept.trim() !== "" && !acceptsJson(accept)) {
    throw new HttpError(406, "HTTP 406 Not Acceptable: this daemon answers application/json");
  }
}

function acceptsJson(accept: string): boolean {
  return accept.split(",").some((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter));
    return !isRefused && ["application/json", "application/*", "*/*", "*"].includes(type);
  });
}

function hasBody(headers: Headers): boolean {
  const length = headers.get("content-length");
  return headers.has("transfer-encoding") || (length !== null && Number(length) > 0);
}

async function readBody(request: Request): Promise<JsonValue | undefined> {
  if (!hasBody(request.headers)) return undefined;
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > SPEC_SIZE_MAX_BYTES) throw tooLarge();
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > SPEC_SIZE_MAX_BYTES) throw tooLarge();
  const text = decodeBody(bytes);
  if (/^\s*$/.test(text)) return undefined;
  return parseJson(text, { code: "invalidRequest", trailing: "refused" });
}

function decodeBody(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new HttpError(400, "the body is not UTF-8 text");
  }
}

function tooLarge(): HttpError {
  return new HttpError(413, `the body is too large: at most ${SPEC_SIZE_MAX_BYTES} bytes are read`);
}

export function bodyOf<T>(body: T | undefined): T {
  if (body !== undefined) return body;
  throw new TrogdorError("invalidRequest", "the request has no body: expected a JSON object");
}
