// A status as JSON text, 64-bit integers with all their digits.

import type { StatusJson } from "../tasks/define-task.ts";

export function statusJson(status: StatusJson): string {
  return JSON.stringify(status, exactInteger, 2);
}

function exactInteger(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJson(value.toString()) : value;
}

// The runtime has JSON.rawJSON; the compiler's library does not know it yet.
const rawJson = (JSON as unknown as { readonly rawJSON: (text: string) => unknown }).rawJSON;
