// A floating-point number: numbers, text that holds one, and Java's words NaN and Infinity.

import { isJsonNumber } from "../json.ts";
import { type Refusal, refused, scalar } from "./scalar.ts";

const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  INF: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "-INF": Number.NEGATIVE_INFINITY,
};

export const double = () =>
  scalar<number>({
    expected: "a number",
    jsonSchema: { type: ["number", "string"], format: "double" },
    read: readDouble,
  });

function readDouble(value: unknown): number | Refusal {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (isJsonNumber(value)) return Number(value.text);
  if (typeof value !== "string") return refused;
  const text = value.trim();
  if (text === "" || text === "null") return 0;
  if (Object.hasOwn(WORDS, text)) return WORDS[text] ?? refused;
  return /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(text) ? Number(text) : refused;
}
