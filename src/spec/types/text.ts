// Text: numbers and booleans are taken as they were written (`1.50` is "1.50").

import { isJsonNumber } from "../json.ts";
import { type Refusal, refused, scalar } from "./scalar.ts";

export const text = () =>
  scalar<string>({
    expected: "a text",
    jsonSchema: { type: ["string", "number", "boolean"] },
    read: readText,
  });

export function readText(value: unknown): string | Refusal {
  if (typeof value === "string") return value;
  if (isJsonNumber(value)) return value.text;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
    return String(value);
  }
  return refused;
}
