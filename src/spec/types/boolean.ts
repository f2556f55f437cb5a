// True or false: the words in three spellings, the empty text and "null" (false), and whole
// numbers (0: false).

import { type Refusal, refused, scalar } from "./scalar.ts";

export const boolean = () =>
  scalar<boolean>({
    expected: "true or false",
    jsonSchema: { type: ["boolean", "integer", "string"] },
    read: readBoolean,
  });

function readBoolean(value: unknown): boolean | Refusal {
  if (typeof value === "boolean") return value;
  if (typeof value === "bigint") return true;
  if (typeof value === "number" && Number.isInteger(value)) return value !== 0;
  if (typeof value !== "string") return refused;
  const text = value.trim();
  if (text === "true" || text === "True" || text === "TRUE") return true;
  if (text === "" || text === "null" || text === "false" || text === "False" || text === "FALSE")
    return false;
  return refused;
}
