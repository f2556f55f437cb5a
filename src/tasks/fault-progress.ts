// A fault's status as a progress line: its own words, which stand alone or beside whom it hits.

import type { Progress } from "./define-task.ts";
import type { StatusJson } from "./status-json.ts";

export function faultProgress(status: StatusJson): Progress {
  if (typeof status === "string") return { phase: status };
  const state = hasState(status) ? status.state : undefined;
  return typeof state === "string" ? { phase: state } : {};
}

function hasState(status: StatusJson): status is { readonly state: StatusJson } {
  return typeof status === "object" && status !== null && "state" in status;
}
