// From a parsed spec to what is printed of it. The reference's rules: fields in the order of the
// schema; null, empty texts, lists and maps are left out, in maps too; numbers and booleans always
// stay; doubles have a decimal point; bytes are base64. Our own fields stand only when they differ
// from their default, because a Java peer refuses a spec with a field that it does not know.

import * as v from "valibot";
import { javaDoubleText } from "./java-double.ts";
import { isJsonNumber, jsonNumber } from "./json.ts";
import { type PrintTree, printCompact } from "./print.ts";
import { coreShapeOf, shapeOf, variantOption } from "./schema-shape.ts";
import { fieldNotes } from "./types/field.ts";

export interface SpecTreeOptions {
  /** Given: our own fields are left out also when they are set, and their paths noted here. */
  readonly leftOut?: string[];
  /** Where the value stands in the spec. */
  readonly path?: string;
}

/** What to print of a value; undefined when the value is absent. */
export function specTree(
  schema: v.GenericSchema,
  value: unknown,
  options: SpecTreeOptions = {},
): PrintTree | undefined {
  if (value === undefined || value === null) return undefined;
  const shape = shapeOf(schema);
  switch (shape.type) {
    case "nullish":
      return specTree(shape.wrapped, value, options);
    case "lazy":
      return specTree(shape.getter(undefined), value, options);
    case "variant":
      return specTree(definite(variantOption(shape, value)), value, options);
    case "strict_object":
      return objectTree(shape.entries, value as Readonly<Record<string, unknown>>, options);
    case "array":
      return (value as readonly unknown[]).map(
        (element, index) => specTree(shape.item, element, below(options, `[${index}]`)) ?? null,
      );
    case "record":
      return mapTree(shape.value, value as ReadonlyMap<unknown, unknown>, options);
    default:
      return scalarTree(schema, value);
  }
}

function objectTree(
  entries: Readonly<Record<string, v.GenericSchema>>,
  value: Readonly<Record<string, unknown>>,
  options: SpecTreeOptions,
): ReadonlyMap<string, PrintTree> {
  const tree = new Map<string, PrintTree>();
  for (const [name, schema] of Object.entries(entries)) {
    const { alwaysPrinted, isExtension, isForReference, isFreeJson } = fieldNotes(schema);
    if (isFreeJson) {
      const free = (value[name] ?? null) as PrintTree;
      if (!isEmptyContainer(free)) tree.set(name, free);
      continue;
    }
    const inner = below(options, name);
    const member = specTree(schema, value[name], inner);
    if (member === undefined) continue;
    if (isEmpty(member, schema) && !alwaysPrinted) continue;
    if (isExtension && isDefault(schema, member)) continue;
    const isOurs = isExtension || isForReference?.(value[name]) === false;
    if (isOurs && options.leftOut !== undefined) {
      options.leftOut.push(inner.path ?? name);
      continue;
    }
    tree.set(name, member);
  }
  return tree;
}

function mapTree(
  valueSchema: v.GenericSchema,
  value: ReadonlyMap<unknown, unknown>,
  options: SpecTreeOptions,
): ReadonlyMap<string, PrintTree> {
  const tree = new Map<string, PrintTree>();
  for (const [key, element] of value) {
    const member = specTree(valueSchema, element, below(options, String(key)));
    if (member !== undefined && !isEmpty(member, valueSchema)) tree.set(String(key), member);
  }
  return tree;
}

function below({ leftOut, path = "" }: SpecTreeOptions, name: string): SpecTreeOptions {
  if (leftOut === undefined) return {};
  return { leftOut, path: path === "" || name.startsWith("[") ? path + name : `${path}.${name}` };
}

/** A typed object is never empty in this sense; a map without entries is. */
function isEmpty(member: PrintTree, schema: v.GenericSchema): boolean {
  if (member === "" || (Array.isArray(member) && member.length === 0)) return true;
  return member instanceof Map && member.size === 0 && coreShapeOf(schema).type === "record";
}

function isEmptyContainer(tree: PrintTree): boolean {
  if (typeof tree !== "object" || tree === null || isJsonNumber(tree)) return false;
  return tree instanceof Map ? tree.size === 0 : Object.keys(tree).length === 0;
}

function isDefault(schema: v.GenericSchema, member: PrintTree): boolean {
  const parsed = v.safeParse(schema, undefined);
  const byDefault = parsed.success ? specTree(schema, parsed.output) : undefined;
  return byDefault !== undefined && printCompact(byDefault) === printCompact(member);
}

function definite(option: v.GenericSchema | undefined): v.GenericSchema {
  if (option === undefined) throw new Error("a parsed object belongs to no option of its union");
  return option;
}

function scalarTree(schema: v.GenericSchema, value: unknown): PrintTree {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "number" && v.getMetadata(schema)["format"] === "double") {
    return Number.isFinite(value) ? jsonNumber(javaDoubleText(value)) : javaDoubleText(value);
  }
  return value as PrintTree;
}
