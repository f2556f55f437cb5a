// Prints JSON as the reference prints it: compact for the normalized form of a spec, and its pretty
// form for people. Integers are exact. What a value's members are is the business of spec-tree.ts.

import { isJsonNumber, type JsonNumber } from "./json.ts";

/** A value to print; objects are Maps where the order of any key matters, else plain objects. */
export type PrintTree =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonNumber
  | readonly PrintTree[]
  | ReadonlyMap<string, PrintTree>
  | { readonly [name: string]: PrintTree };

export function printCompact(tree: PrintTree): string {
  const scalar = scalarText(tree);
  if (scalar !== undefined) return scalar;
  if (isArray(tree)) return `[${tree.map(printCompact).join(",")}]`;
  const members = membersOf(tree).map(([name, value]) => `${quote(name)}:${printCompact(value)}`);
  return `{${members.join(",")}}`;
}

/** Two blanks a level, ` : ` between name and value, arrays on one line. */
export function printPretty(tree: PrintTree, indent = ""): string {
  const scalar = scalarText(tree);
  if (scalar !== undefined) return scalar;
  if (isArray(tree)) {
    if (tree.length === 0) return "[ ]";
    return `[ ${tree.map((element) => printPretty(element, indent)).join(", ")} ]`;
  }
  const inner = `${indent}  `;
  const members = membersOf(tree).map(
    ([name, value]) => `${inner}${quote(name)} : ${printPretty(value, inner)}`,
  );
  return members.length === 0 ? "{ }" : `{\n${members.join(",\n")}\n${indent}}`;
}

function scalarText(tree: PrintTree): string | undefined {
  switch (typeof tree) {
    case "string":
      return quote(tree);
    case "bigint":
    case "boolean":
      return String(tree);
    case "number":
      return Number.isFinite(tree) ? String(tree) : quote(String(tree));
    default:
      if (tree === null) return "null";
      return isJsonNumber(tree) ? tree.text : undefined;
  }
}

function isArray(tree: PrintTree): tree is readonly PrintTree[] {
  return Array.isArray(tree);
}

function membersOf(tree: PrintTree): [string, PrintTree][] {
  return tree instanceof Map ? [...tree] : Object.entries(tree as Record<string, PrintTree>);
}

/** The reference writes the digits of a control character's code in upper case. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/\\(?:u(00[01][0-9a-f])|.)/g, (written, digits) =>
    digits === undefined ? written : `\\u${String(digits).toUpperCase()}`,
  );
}
