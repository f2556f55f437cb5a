// `--set path=value`: changes one place of a spec's JSON before it is parsed. The path is names
// joined by dots and [n] for elements. Names may hold dots themselves (topics, Kafka's settings):
// the longest name that is there or known to the schema is taken, and below a map of texts the rest
// of the path is one name.

import type * as v from "valibot";
import type { Problem } from "../core/trogdor-error.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "./json.ts";
import { problemsError } from "./problems.ts";
import { coreShapeOf, shapeOf, variantOption } from "./schema-shape.ts";
import { describeValue } from "./types/describe-value.ts";

export interface SpecOverride {
  readonly path: string;
  /** JSON, else taken as text. */
  readonly value: string;
}

/** The JSON with all overrides; the given one stays as it is. Throws with every bad path. */
export function applyOverrides(
  json: JsonObject,
  schema: v.GenericSchema,
  overrides: readonly SpecOverride[],
): JsonObject {
  const problems: Problem[] = [];
  let result: JsonValue = json;
  for (const { path, value } of overrides) {
    const change = { path, value: overrideValue(value), problems };
    if (path === "") problems.push({ path: "--set", message: "expected a path before the =" });
    else result = set(result, path, schema, change);
  }
  if (problems.length > 0) throw problemsError(problems);
  return isJsonObject(result) ? result : json;
}

/** `path=value` as it stands on a command line. */
export function parseOverride(text: string): SpecOverride {
  const at = text.indexOf("=");
  if (at > 0) return { path: text.slice(0, at).trim(), value: text.slice(at + 1) };
  const message = `expected path=value, for example --set maxMessages=1000, found "${text}"`;
  throw problemsError([{ path: "--set", message }]);
}

interface Change {
  readonly path: string;
  readonly value: JsonValue;
  readonly problems: Problem[];
}

function overrideValue(text: string): JsonValue {
  try {
    return parseJson(text, { trailing: "refused" });
  } catch {
    return text;
  }
}

function set(current: JsonValue, rest: string, schema: v.GenericSchema, change: Change): JsonValue {
  if (rest === "") return change.value;
  const index = /^\[([0-9]{1,9})\]\.?/.exec(rest);
  if (Array.isArray(current) && index !== null) {
    return setElement(current, Number(index[1]), rest.slice(index[0].length), schema, change);
  }
  if (!isJsonObject(current)) {
    const message = `--set cannot reach "${rest}": its parent is ${describeValue(current)}`;
    change.problems.push({ path: change.path, message });
    return current;
  }
  const name = nextName(current, rest, schema);
  const below = rest.slice(name.length).replace(/^\./, "");
  const member = memberSchema(schema, current, name);
  const before = current[name] ?? (below === "" ? null : startingPoint(member));
  const copy: Record<string, JsonValue> = Object.assign(Object.create(null), current);
  copy[name] = set(before, below, member, change);
  return copy;
}

function setElement(
  elements: readonly JsonValue[],
  index: number,
  rest: string,
  schema: v.GenericSchema,
  change: Change,
): JsonValue {
  if (index > elements.length) {
    const message = `--set found ${elements.length} elements, so there is no [${index}]`;
    change.problems.push({ path: change.path, message });
    return elements;
  }
  const shape = coreShapeOf(schema);
  const item = shape.type === "array" ? shape.item : schema;
  const copy = [...elements];
  copy[index] = set(elements[index] ?? Object.create(null), rest, item, change);
  return copy;
}

/** What stands in for an object that is not there: the field's default, which JSON can express. */
function startingPoint(schema: v.GenericSchema): JsonValue {
  const shape = shapeOf(schema);
  const byDefault = shape.type === "nullish" ? shape.default : undefined;
  return isJsonObject(byDefault) ? byDefault : Object.create(null);
}

function nextName(current: JsonObject, rest: string, schema: v.GenericSchema): string {
  const shape = coreShapeOf(schema);
  const known = shape.type === "record" ? [] : knownNames(schema, current);
  const candidates = [...Object.keys(current), ...known]
    .filter((name) => isFirstName(name, rest))
    .sort((a, b) => b.length - a.length);
  if (candidates[0] !== undefined) return candidates[0];
  if (shape.type === "record") return nameInMap(rest, shape.value);
  return rest.split(".", 1)[0] ?? rest;
}

function isFirstName(name: string, rest: string): boolean {
  if (name === "" || !rest.startsWith(name)) return false;
  const following = rest.slice(name.length);
  return following === "" || following.startsWith(".") || /^\[[0-9]+\]/.test(following);
}

/** The rest is one name, up to a known field of a value: `my.topic` of `my.topic.configs.a`. */
function nameInMap(rest: string, value: v.GenericSchema): string {
  const known = knownNames(value, undefined);
  for (let at = rest.indexOf("."); at >= 0; at = rest.indexOf(".", at + 1)) {
    const below = rest.slice(at + 1);
    if (known.some((name) => isFirstName(name, below))) return rest.slice(0, at);
  }
  return rest;
}

function knownNames(schema: v.GenericSchema, current: JsonObject | undefined): readonly string[] {
  const shape = coreShapeOf(schema);
  if (shape.type === "strict_object") return Object.keys(shape.entries);
  if (shape.type !== "variant") return [];
  const option = variantOption(shape, current);
  const options = option === undefined ? shape.options : [option];
  return options.flatMap((candidate) => knownNames(candidate, current));
}

function memberSchema(schema: v.GenericSchema, current: JsonObject, name: string): v.GenericSchema {
  const shape = coreShapeOf(schema);
  if (shape.type === "record") return shape.value;
  if (shape.type === "strict_object") return shape.entries[name] ?? schema;
  if (shape.type !== "variant") return schema;
  const option = variantOption(shape, current);
  return option === undefined ? schema : memberSchema(option, current, name);
}
