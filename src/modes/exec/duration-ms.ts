// Reads a time as people type it: `30s`, `1.5m`, `500ms`, `2h`, `1d`; a plain number is in seconds.

import { TrogdorError } from "../../core/trogdor-error.ts";

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  "": 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The longest time that is accepted: what durationMs can be at most (10^15 ms). */
const longestMs = 1e15;

export function durationMs(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|h|d|)$/.exec(text.trim());
  const ms = match === null ? Number.NaN : Number(match[1]) * unitMs[match[2]!]!;
  if (!(ms > 0 && ms <= longestMs)) {
    throw new TrogdorError(
      "usage",
      `Option "${option}" is "${text}"; expected a time above zero such as 30s, 5m or 1.5h`,
    );
  }
  return Math.ceil(ms);
}
