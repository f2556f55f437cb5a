// Whether two canonical texts of specs say the same. The order of an object's members means
// nothing: clients write the entries of a map in any order, and a create that is sent again must
// not be a conflict because of that. (The reference compares texts as they are.)

import type { JsonText } from "./spec-data.ts";

export function isSameSpec(one: JsonText, other: JsonText): boolean {
  if (one === other) return true;
  // The same members in another order are as long.
  return one.length === other.length && sortedMembers(one) === sortedMembers(other);
}

const scalar = /"[^"\\]*(?:\\.[^"\\]*)*"|[^,\]}]+/y;

/** Compact JSON with the members of all objects sorted; numbers stay the digits that they were. */
function sortedMembers(text: JsonText): string {
  let at = 0;

  function takeScalar(): string {
    scalar.lastIndex = at;
    const [found = ""] = scalar.exec(text) ?? [];
    at += found.length;
    return found;
  }

  function takeMember(): string {
    const name = takeScalar();
    at += 1;
    return `${name}:${takeValue()}`;
  }

  function takeAll(takePart: () => string, end: string): string[] {
    const parts: string[] = [];
    at += 1;
    while (at < text.length && text[at] !== end) {
      parts.push(takePart());
      if (text[at] === ",") at += 1;
    }
    at += 1;
    return parts;
  }

  function takeValue(): string {
    if (text[at] === "{") return `{${takeAll(takeMember, "}").sort().join(",")}}`;
    if (text[at] === "[") return `[${takeAll(takeValue, "]").join(",")}]`;
    return takeScalar();
  }

  return takeValue();
}
