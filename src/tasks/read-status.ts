// Reads members of a status, whose type says only that it is JSON.

import type { StatusJson } from "./define-task.ts";

export type StatusObject = { readonly [key: string]: StatusJson };

export function isStatusObject(status: StatusJson | undefined): status is StatusObject {
  return typeof status === "object" && status !== null && !Array.isArray(status);
}

/** Empty when there is no object of that name. */
export function statusMember(status: StatusObject, name: string): StatusObject {
  const value = status[name];
  return isStatusObject(value) ? value : {};
}

export function statusNumber(status: StatusObject, name: string): number | undefined {
  const value = status[name];
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

/** Its `errors`, as lines: how many of `what` (times, messages) each kind has hit. */
export function statusErrors(status: StatusObject, what: string): string[] {
  const errors = Object.entries(statusMember(status, "errors"));
  return errors.map(([code, count]) => `${code}: ${count} ${what}`);
}

/** Its `warnings`, as lines. */
export function statusWarnings(status: StatusObject): string[] {
  const warnings = status["warnings"];
  return Array.isArray(warnings) ? warnings.map(String) : [];
}
