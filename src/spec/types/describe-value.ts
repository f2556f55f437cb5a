// How a value is shown in a message: short, on one line, as it stood in the JSON.

import { isJsonNumber } from "../json.ts";

const SHOWN_CHARACTERS_MAX = 60;

/** `"abc"`, `1.50`, `an array with 3 elements`: what was found, for the end of a sentence. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return shorten(JSON.stringify(value));
  if (isJsonNumber(value)) return shorten(value.text);
  if (Array.isArray(value)) {
    return value.length === 0
      ? "an empty array"
      : `an array with ${count(value.length, "element")}`;
  }
  if (typeof value === "object" && value !== null) {
    const size = Object.keys(value).length;
    return size === 0 ? "an empty object" : `an object with ${count(size, "member")}`;
  }
  return shorten(String(value));
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

function shorten(text: string): string {
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}...`;
}
