// The fields that every task spec has.

import * as v from "valibot";
import { field } from "./types/field.ts";
import { int64 } from "./types/integer.ts";
import { scalar } from "./types/scalar.ts";

/** A longer duration is cut to this; the reference's "for ever". */
export const DURATION_MAX_MS = 1_000_000_000_000_000n;

/** `class`, `startMs`, `durationMs`: spread into the entries of a task's schema, in front. */
export function taskEntries(className: string, shortName: string) {
  return {
    class: taskClass(className, shortName),
    startMs: field(
      int64(),
      0,
      "The wanted start as Unix time. A time that is over means at once.",
      { unit: "ms" },
    ),
    durationMs: field(
      v.pipe(int64(), v.transform(clampDuration)),
      0,
      "How long the task may run, from startMs on. 0 means that it is over before it runs.",
      { unit: "ms" },
    ),
  };
}

/** The names by which `class` may select a task type. The first is the one on the wire. */
export function classNames(className: string, shortName: string): readonly string[] {
  const simpleName = className.slice(className.lastIndexOf(".") + 1);
  const bareName = simpleName.replace(/Spec$/, "");
  return [...new Set([className, shortName, `${shortName}Spec`, simpleName, bareName])];
}

function taskClass(className: string, shortName: string) {
  const names = classNames(className, shortName);
  const description = "The task's type: the full Java class name, or the short name.";
  return scalar<string>({
    expected: names.map((name) => `"${name}"`).join(" or "),
    jsonSchema: { enum: [...names], description },
    read: (value) =>
      typeof value === "string" && names.includes(value) ? className : { refused: true },
  });
}

function clampDuration(durationMs: bigint): number {
  if (durationMs < 0n) return 0;
  return Number(durationMs > DURATION_MAX_MS ? DURATION_MAX_MS : durationMs);
}
