// One line that a worker process wrote: a JSON object, or nothing that concerns us.

import {
  isJsonNumber,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from "../../../spec/json.ts";
import type { StatusJson } from "../../define-task.ts";

/** Text behind the first value is left alone, as in the reference; other lines are no messages. */
export function readMessage(line: string): JsonObject | undefined {
  if (!line.trimStart().startsWith("{")) return undefined;
  try {
    const value = parseJson(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** As a status holds it: numbers with a fraction are numbers, integers stay exact. */
export function statusValue(value: JsonValue): StatusJson {
  if (isJsonNumber(value)) {
    const number = Number(value.text);
    return Number.isFinite(number) ? number : value.text;
  }
  if (Array.isArray(value)) return value.map(statusValue);
  if (!isJsonObject(value)) return value as StatusJson;
  const members = Object.entries(value).map(([name, member]) => [name, statusValue(member)]);
  return Object.fromEntries(members) as StatusJson;
}

/** As the reference takes a value for text: scalars as they are written, the others as "". */
export function messageText(value: JsonValue): string {
  if (isJsonNumber(value)) return value.text;
  return typeof value === "object" && value !== null ? "" : String(value);
}
