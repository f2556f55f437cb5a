// Transactions begin and end where the reference's do; the golden cases are its own answers.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import golden from "../../../../test/golden/transactions.golden.json";
import { createTransactionGenerator, transactionGenerator } from "./transactions.ts";

describe("transaction generators", () => {
  test.each(golden.map((each) => [JSON.stringify(each.spec), each] as const))("%s", (_, each) => {
    const generator = createTransactionGenerator(v.parse(transactionGenerator, each.spec));
    expect(each.timesMs.map((timeMs) => String(generator.next(timeMs)))).toEqual(each.actions);
  });

  test.each([
    [{ type: "uniform" }, "Cannot have less than one message per transaction. Found 0"],
    [{ type: "interval", transactionIntervalMs: -1 }, "Cannot have a negative interval. Found -1"],
    [{ type: "interval", intervalMs: 5 }, "Cannot have a negative interval. Found 0"],
    [{ type: "every" }, 'expected one of uniform, interval, found "every"'],
    [{}, "is missing: expected one of uniform, interval"],
  ])("refuses %p", (spec, message) => {
    const result = v.safeParse(transactionGenerator, spec);
    expect(result.issues?.[0]?.message).toBe(message);
  });
});
