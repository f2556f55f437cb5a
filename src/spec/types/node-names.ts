// The nodes that a workload runs on: a name, or ours beyond the reference, a list of names that get
// a worker each. One name is kept and printed as a plain text, which is all that a Java peer knows.

import { type FieldSchema, field } from "./field.ts";
import { problemText, scalar } from "./scalar.ts";
import { readText } from "./text.ts";

export type NodeNames = string | readonly string[];

const expected = "a node's name, or a list of names";

export function nodeNamesField(description: string): FieldSchema<NodeNames> {
  return field(nodeNames(), "", description, { isForReference: isPlain });
}

/** Each name once, in the order of the spec; without a name the empty one, as in the reference. */
export function namedNodes(names: NodeNames): readonly string[] {
  return typeof names === "string" ? [names] : names;
}

function nodeNames() {
  return scalar<NodeNames>({
    expected,
    jsonSchema: { type: ["string", "number", "boolean", "array"], items: { type: "string" } },
    read(value) {
      if (!Array.isArray(value)) return readText(value);
      const names: string[] = [];
      for (const element of value) {
        const name = element === null ? { refused: true } : readText(element);
        if (typeof name !== "string") {
          return { refused: true, problem: problemText(expected, element) };
        }
        if (!names.includes(name)) names.push(name);
      }
      return names.length > 1 ? names : (names[0] ?? "");
    },
  });
}

function isPlain(value: unknown): boolean {
  return typeof value === "string";
}
