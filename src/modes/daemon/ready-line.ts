// What a daemon says once it serves, and when it ends.

import type { Log } from "../../platform/log/log.ts";
import { version } from "../../version.ts";

export interface ReadyFacts {
  readonly role: "agent" | "coordinator";
  readonly node: string;
  readonly url: string;
  readonly stateDir: string;
  /** "" when there is nothing to say about who can reach it. */
  readonly notice: string;
}

export function logReady(log: Log, { role, node, url, stateDir, notice }: ReadyFacts): void {
  log.info(`${role} is ready`, { node, url, stateDir, version, pid: process.pid });
  if (notice !== "") log.info(notice, { node });
}
