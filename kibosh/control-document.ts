// The document that kibosh_control holds: checked here before it is written, so that every problem
// is named with its path, and checked again by the helper, which decides.

import * as v from "valibot";
import { errorText, type Problem } from "../src/core/trogdor-error.ts";
import { faultSchema } from "./fault-schema.ts";

export const faultsMax = 10_000;
export const documentSizeBytesMax = 1024 * 1024;

export const controlDocumentSchema = v.looseObject({
  /** Fires once for each new id: what is tracked and not synced is lost. */
  crash: v.optional(v.looseObject({ id: v.pipe(v.number(), v.integer(), v.minValue(1)) })),
  faults: v.optional(
    v.pipe(v.array(faultSchema), v.maxLength(faultsMax, `expected at most ${faultsMax} faults`)),
  ),
});

export type ControlDocument = v.InferOutput<typeof controlDocumentSchema>;

/** What is wrong with a document; nothing when the helper will take it. */
export function controlDocumentProblems(text: string): Problem[] {
  if (Buffer.byteLength(text) > documentSizeBytesMax) {
    return [{ path: "", message: `longer than ${documentSizeBytesMax} bytes` }];
  }
  let value: unknown;
  try {
    // Kibosh takes a byte-order mark in front, and so do we.
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return [{ path: "", message: `not JSON: ${errorText(error)}` }];
  }
  if (Array.isArray(value)) {
    return [{ path: "", message: 'a list, expected an object such as {"faults":[]}' }];
  }
  const result = v.safeParse(controlDocumentSchema, value);
  return result.success ? [] : result.issues.map(problemOf);
}

function problemOf(issue: v.BaseIssue<unknown>): Problem {
  const parts = issue.path ?? [];
  const path = parts
    .map(({ key }) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
  return { path, message: issue.message };
}

export const noFaultsText = '{"faults":[]}';
