// Reads an option that counts something.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { CommandLine } from "../command.ts";

export interface Bounds {
  readonly lowest: number;
  readonly highest: number;
}

export function wholeNumber(
  line: CommandLine,
  name: string,
  { lowest, highest }: Bounds,
  fallback: number,
): number {
  const text = line.value(name);
  if (text === undefined) return fallback;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= lowest && number <= highest) return number;
  throw new TrogdorError(
    "usage",
    `Option "--${name}" is "${text}"; expected a whole number from ${lowest} to ${highest}`,
  );
}
