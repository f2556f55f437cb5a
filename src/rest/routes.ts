// What a daemon answers on which path, and how a request finds it.

import type { JsonValue } from "../spec/json.ts";
import type { Caller } from "./caller.ts";
import { HttpError } from "./error-status.ts";

export interface RestRequest {
  /** What stood in the place of a route's `{...}`, decoded; "" for other routes. */
  readonly id: string;
  /** What stands behind the question mark. */
  readonly query: string;
  readonly caller: Caller;
  /** The body's JSON; undefined when there is no body. */
  readBody(): Promise<JsonValue | undefined>;
}

/** The text of an answer, JSON unless it says so. */
export type Answer = string | SpecialAnswer;

export interface SpecialAnswer {
  readonly text: string;
  readonly contentType?: string;
  /** The daemon ends: nothing more is taken on this connection. */
  readonly endsConnection?: true;
}

export type Handler = (request: RestRequest) => Answer | Promise<Answer>;

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export type Methods = Readonly<Partial<Record<Method, Handler>>>;

/** By path; a path may end in `{name}`, which stands for everything behind. */
export type Routes = Readonly<Record<string, Methods>>;

export interface FoundRoute {
  /** The path as the routes have it. */
  readonly path: string;
  readonly methods: Methods;
  readonly id: string;
}

export type FindRoute = (path: string) => FoundRoute | undefined;

/** Exact paths first, then those that end in a name; one slash at the end is accepted. */
export function router(routes: Routes): FindRoute {
  const exact = new Map<string, FoundRoute>();
  const open: (readonly [prefix: string, path: string, methods: Methods])[] = [];
  for (const [path, methods] of Object.entries(routes)) {
    const start = path.indexOf("{");
    if (start < 0) exact.set(path, { path, methods, id: "" });
    else open.push([path.slice(0, start), path, methods]);
  }
  return (rawPath) => {
    const path = rawPath.length > 1 && rawPath.endsWith("/") ? rawPath.slice(0, -1) : rawPath;
    const found = exact.get(path);
    if (found !== undefined) return found;
    for (const [prefix, openPath, methods] of open) {
      if (!path.startsWith(prefix) || path.length === prefix.length) continue;
      return { path: openPath, methods, id: decodePath(path.slice(prefix.length)) };
    }
    return undefined;
  };
}

/** The methods of a path as the header `Allow` lists them. */
export function allowedMethods(methods: Methods): string {
  const names = Object.keys(methods);
  return [...(names.includes("GET") ? ["HEAD"] : []), ...names, "OPTIONS"].join(",");
}

export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const scheme = url.startsWith("/") ? -1 : url.indexOf("://");
  const start = scheme < 0 ? 0 : url.indexOf("/", scheme + 3);
  const hash = url.indexOf("#");
  const whole = url.slice(start < 0 ? url.length : start, hash < 0 ? undefined : hash);
  const mark = whole.indexOf("?");
  if (mark < 0) return { path: whole, query: "" };
  return { path: whole.slice(0, mark), query: whole.slice(mark + 1) };
}

/** `+` is literal in a path. */
function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(400, "the path is not percent-encoded UTF-8");
  }
}
