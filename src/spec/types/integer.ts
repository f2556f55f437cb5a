// Whole numbers of Java's sizes. As the reference reads them: text is parsed ("", blanks and
// "null" are 0), a fraction is cut off (1.9 is 1), a value that does not fit is refused, never
// wrapped.

import { isJsonNumber } from "../json.ts";
import { problemText, type Refusal, refused, scalar } from "./scalar.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

export const int16 = () => smallInteger(-32768, 32767, "int16");
export const int32 = () => smallInteger(-2147483648, 2147483647, "int32");

/** A 64-bit integer; its value is a bigint. */
export const int64 = () =>
  scalar<bigint>({
    expected: "a 64-bit whole number",
    jsonSchema: { type: ["integer", "string"], format: "int64" },
    read: (value) => readInteger(value, INT64_MIN, INT64_MAX),
  });

function smallInteger(min: number, max: number, format: string) {
  return scalar<number>({
    expected: `a whole number from ${min} to ${max}`,
    jsonSchema: { type: ["integer", "string"], minimum: min, maximum: max, format },
    read(value) {
      const result = readInteger(value, BigInt(min), BigInt(max));
      return typeof result === "bigint" ? Number(result) : result;
    },
  });
}

/** Reads an integer of `min`..`max`; shared with those that keep 64 bits in their own way. */
export function readInteger(value: unknown, min: bigint, max: bigint): bigint | Refusal {
  const integer = wholePart(value);
  if (integer === undefined) return refused;
  if (integer >= min && integer <= max) return integer;
  const problem = `${problemText(`a whole number from ${min} to ${max}`, value)} (out of range)`;
  return { refused: true, problem };
}

function wholePart(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number")
    return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  if (isJsonNumber(value)) {
    const number = Number(value.text);
    // 1e999 is a number that no integer type can hold: out of any range, not unreadable.
    if (!Number.isFinite(number)) return number > 0 ? 2n ** 64n : -(2n ** 64n);
    return BigInt(Math.trunc(number));
  }
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (text === "" || text === "null") return 0n;
  return /^[+-]?[0-9]{1,1000}$/.test(text) ? BigInt(text.replace(/^\+/, "")) : undefined;
}
