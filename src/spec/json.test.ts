// The JSON reader keeps what it reads, forgives what the reference forgives, and says where it is
// wrong.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { TrogdorError } from "../core/trogdor-error.ts";
import {
  isJsonNumber,
  JSON_DEPTH_MAX,
  type JsonObject,
  parseJson,
  repeatedNamesOf,
  SPEC_SIZE_MAX_BYTES,
} from "./json.ts";

function problemOf(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof TrogdorError) return error.problems[0]?.message ?? error.message;
  }
  return "accepted";
}

describe("parseJson", () => {
  test("agrees with JSON.parse on every JSON text", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const plain = JSON.stringify(parseJson(text), (_, value) =>
          isJsonNumber(value)
            ? Number(value.text)
            : typeof value === "bigint"
              ? Number(value)
              : value,
        );
        expect(JSON.parse(plain)).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  test("keeps integers beyond 2^53", () => {
    expect(parseJson("9007199254740993")).toBe(9007199254740993n);
    expect(parseJson("-12345678901234567890")).toBe(-12345678901234567890n);
  });

  test.each(["1.50", "1e3", "-0", "1E+5"])("keeps the text of %s", (text) => {
    const value = parseJson(text);
    expect(isJsonNumber(value) && value.text).toBe(text);
  });

  test("takes __proto__ for a name like any other", () => {
    const value = parseJson('{"__proto__":{"x":1},"constructor":2}') as JsonObject;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBeNull();
  });

  test("keeps the last value of a repeated name and remembers the repetition", () => {
    const value = parseJson('{"a":1,"b":2,"a":3}') as JsonObject;
    expect([value["a"], value["b"], repeatedNamesOf(value)]).toEqual([3, 2, ["a"]]);
  });

  test("skips comments, a byte order mark and text after the value", () => {
    const text = '\ufeff// first\n/* { */ {"a":/*x*/[1,//y\n2]} trailing }';
    expect(parseJson(text)).toEqual(Object.assign(Object.create(null), { a: [1, 2] }));
  });

  test.each([
    ['{"a":1,}', "line 1, column 8: expected a name in double quotes (no comma stands behind the"],
    ["{\n  'a': 1}", "line 2, column 3: expected a name in double quotes or `}`, found `'`"],
    ['{"a" 1}', 'line 1, column 6: expected `:` after the name "a", found `1`'],
    ['{"a":1\n "b":2}', 'line 2, column 2: expected `,` or `}` after the value of "a", found `"`'],
    ["[1 2]", "line 1, column 4: expected `,` or `]` after an element of the array, found `2`"],
    ['{"a":tru}', "line 1, column 6: expected a value, found `tru`"],
    ['{"a":nul1}', "line 1, column 6: expected a value, found `nul1`"],
    ['{"a":01}', "line 1, column 6: expected a number such as 10, -2.5 or 1e3, found `01`"],
    ['{"a":"b', "line 1, column 6: this text in double quotes has no end"],
    ['{"a":"\\x"}', "line 1, column 7: expected one of"],
    [
      '{"a":"b\nc"}',
      "line 1, column 8: a control character inside a text must be written as \\u000a",
    ],
    ["/* x", "line 1, column 1: this comment has no end: expected `*/`"],
    ["", "line 1, column 1: expected a value, found the end of the text"],
    ['{"a":', "line 1, column 6: expected a value, found the end of the text"],
  ])("says what is wrong with %p", (text, message) => {
    expect(problemOf(text)).toStartWith(message);
  });

  test("bounds the nesting", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(problemOf(nested(JSON_DEPTH_MAX))).toBe("accepted");
    expect(problemOf(nested(JSON_DEPTH_MAX + 1))).toContain("more than 1000");
  });

  test("bounds the digits of a number", () => {
    expect(problemOf("1".repeat(1000))).toBe("accepted");
    expect(problemOf("1".repeat(1001))).toContain("more than 1000 digits");
  });

  test("refuses a text above the size limit before it looks at it", () => {
    const text = "[".repeat(SPEC_SIZE_MAX_BYTES + 1);
    expect(() => parseJson(text)).toThrow("at most 16777216 (16 MiB) are read");
  });

  test("refuses trailing text when asked to", () => {
    expect(() => parseJson("1 x", { trailing: "refused" })).toThrow("found `x`");
    expect(parseJson(" 1 // x", { trailing: "refused" })).toBe(1);
  });
});
