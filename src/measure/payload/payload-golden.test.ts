// Every generator gives the bytes of the reference's own classes (test/golden/generate).

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { isJsonObject, type JsonObject, parseJson } from "../../spec/json.ts";
import { printCompact } from "../../spec/print.ts";
import type { PayloadGenerator } from "./payload-generator.ts";
import { createPayloadGenerator, payloadGenerator } from "./payload-spec.ts";

const NOW_MS = 1_763_724_900_123;
const TIMESTAMP_HEX = "1b3732a69a010000";
const golden = join(import.meta.dir, "../../../test/golden/payloads.golden.json");

interface Case {
  readonly name: string;
  readonly spec: JsonObject;
  readonly positions: readonly number[];
  readonly payloads: readonly (string | null)[];
  readonly hasTimestamp: boolean;
}

function readCases(): Case[] {
  const cases = parseJson(readFileSync(golden, "utf8")) as readonly JsonObject[];
  return cases.map(({ spec, positions, payloads, timestamp }) => {
    if (!isJsonObject(spec)) throw new Error("a case without spec");
    return {
      name: printCompact(spec),
      spec,
      positions: (positions as readonly string[]).map(Number),
      payloads: payloads as readonly (string | null)[],
      hasTimestamp: timestamp === true,
    };
  });
}

function generatorOf(spec: JsonObject): PayloadGenerator {
  return createPayloadGenerator(v.parse(payloadGenerator, spec), { nowMs: () => NOW_MS });
}

/** As a producer does it: into a buffer that holds old bytes, at an offset. */
function payloadAt(generator: PayloadGenerator, position: number, asks = 1): string | null {
  let size = generator.size(position);
  for (let ask = 1; ask < asks; ask++) size = generator.size(position);
  if (size < 0) return null;
  const target = new Uint8Array(size + 8).fill(0xee);
  generator.write(position, target, 3);
  expect([...target.subarray(0, 3)]).toEqual([0xee, 0xee, 0xee]);
  expect([...target.subarray(3 + size)]).toEqual([0xee, 0xee, 0xee, 0xee, 0xee]);
  return Buffer.from(target.subarray(3, 3 + size)).toString("hex");
}

describe("payload generators", () => {
  const cases = readCases();

  test("have golden cases of every type", () => {
    const types = new Set(cases.map(({ spec }) => spec["type"]));
    expect(types.size).toBe(9);
  });

  test.each(cases.map((each) => [each.name, each] as const))("%s", (_, each) => {
    const prefix = each.hasTimestamp ? TIMESTAMP_HEX : "";
    const expected = each.payloads.map((hex) => (hex === null ? null : prefix + hex));
    const generator = generatorOf(each.spec);
    expect(each.positions.map((position) => payloadAt(generator, position))).toEqual(expected);
  });

  test("give the same bytes when a position is asked for again", () => {
    for (const { spec, positions } of cases) {
      const once = generatorOf(spec);
      const twice = generatorOf(spec);
      for (const position of positions) {
        expect(payloadAt(twice, position, 2)).toEqual(payloadAt(once, position));
      }
    }
  });
});
