// The compact and the pretty form of any value.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { jsonNumber } from "./json.ts";
import { type PrintTree, printCompact, printPretty } from "./print.ts";

const tree: PrintTree = new Map<string, PrintTree>([
  ["big", 9223372036854775807n],
  ["double", jsonNumber("100.0")],
  ["none", null],
  ["empty", {}],
  ["list", [1, "a", true]],
  ["objects", [{ a: 1 }, {}]],
  ["nothing", []],
]);

describe("printCompact", () => {
  test("keeps exact integers, doubles and the order", () => {
    expect(printCompact(tree)).toBe(
      '{"big":9223372036854775807,"double":100.0,"none":null,"empty":{},' +
        '"list":[1,"a",true],"objects":[{"a":1},{}],"nothing":[]}',
    );
  });

  test("writes control characters as the reference does", () => {
    expect(printCompact('\u0001\u001f\n\\u001f"')).toBe('"\\u0001\\u001F\\n\\\\u001f\\""');
  });

  test("can be read back by JSON.parse", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(JSON.parse(printCompact(value as PrintTree))).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe("printPretty", () => {
  test("lays out as the reference does", () => {
    expect(printPretty(tree)).toBe(`{
  "big" : 9223372036854775807,
  "double" : 100.0,
  "none" : null,
  "empty" : { },
  "list" : [ 1, "a", true ],
  "objects" : [ {
    "a" : 1
  }, { } ],
  "nothing" : [ ]
}`);
  });
});
