// One of several words. With `ordinals` a whole number selects by position, as Java reads an enum.

import { didYouMean } from "../../core/nearest-names.ts";
import { problemText, scalar } from "./scalar.ts";

export interface ChoiceOptions {
  readonly ordinals?: boolean;
}

/** Java takes a position as a number or as its digits. */
function positionOf(value: unknown): number {
  if (typeof value === "string" && /^[0-9]+$/.test(value)) return Number(value);
  return typeof value === "number" ? value : -1;
}

export function choice<const Word extends string>(
  words: readonly Word[],
  options: ChoiceOptions = {},
) {
  const expected = `one of ${words.map((word) => `"${word}"`).join(", ")}`;
  return scalar<Word>({
    expected,
    jsonSchema: { enum: options.ordinals ? [...words, ...words.keys()] : [...words] },
    read(value) {
      const byPosition = options.ordinals ? words[positionOf(value)] : undefined;
      const word = byPosition ?? words.find((candidate) => candidate === value);
      if (word !== undefined) return word;
      const hint = typeof value === "string" ? didYouMean(value, words) : "";
      return { refused: true, problem: `${problemText(expected, value)}${hint}` };
    },
  });
}
