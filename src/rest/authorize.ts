// Who may call at all: the holder of the token, if there is one, and never a web page of another
// origin. On loopback without credentials the name that the request is addressed to must be one of
// this machine's, so that no foreign name that was pointed here opens the door to a browser.

import { createHash, timingSafeEqual } from "node:crypto";
import { HttpError } from "./error-status.ts";
import { isLoopback, type Listening } from "./listening.ts";

/** Answers load balancers and probes, which hold no token; it tells nothing but life. */
export const openPath = "/health";

export function checkCaller(headers: Headers, path: string, listening: Listening): void {
  checkOrigin(headers, listening);
  if (listening.token === undefined || path === openPath) return;
  const [scheme = "", given = ""] = (headers.get("authorization") ?? "").split(" ");
  if (scheme.toLowerCase() === "bearer" && equalTexts(given, listening.token)) return;
  throw new HttpError(
    401,
    "this daemon wants a token: send `Authorization: Bearer TOKEN` (--token-file or " +
      "TROGDOR_TOKEN); a Java Trogdor cannot send one: a cluster with Java peers needs " +
      "--insecure in place of the token",
    { "WWW-Authenticate": 'Bearer realm="trogdor"' },
  );
}

/** Two nodes of a trogdor.conf with one address would share, and stop, each other's workers. */
export function checkNode(headers: Headers, node: string | undefined): void {
  const meant = headers.get("trogdor-node");
  if (node === undefined || meant === null || meant === encodeURIComponent(node)) return;
  throw new HttpError(
    421,
    `this agent is node ${node}, and the call was meant for node ${meant}: compare their ` +
      "hostname and trogdor.agent.port in the coordinator's trogdor.conf, and the agent's --node",
  );
}

function checkOrigin(headers: Headers, listening: Listening): void {
  const host = headers.get("host");
  const origin = headers.get("origin");
  const scheme = listening.tls === undefined ? "http" : "https";
  if (origin !== null && origin.toLowerCase() !== `${scheme}://${host}`.toLowerCase()) {
    throw new HttpError(403, `requests from web pages of other origins (${origin}) are refused`);
  }
  const site = headers.get("sec-fetch-site");
  if (site === "cross-site" || site === "same-site") {
    throw new HttpError(403, "requests from web pages of other origins are refused");
  }
  if (listening.trust !== "loopback" || host === null) return;
  const name = hostName(host);
  if (isLoopback(name) || listening.hostNames.some((known) => known.toLowerCase() === name)) return;
  throw new HttpError(
    403,
    `this daemon answers to localhost only, not to the name ${JSON.stringify(name)}`,
  );
}

/** A Host header without its port. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "");
}

/** Takes as long for any wrong text. */
function equalTexts(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
