// The table tells what a broker cannot do from what went wrong.

import { describe, expect, test } from "bun:test";
import { leftOutMark } from "../../test/support/broker-under-test.ts";
import { resultTable } from "./result-table.ts";

describe("the table of a run", () => {
  const passed = { blocks: ["a client", "producer"], name: "sends", outcome: "passed" } as const;

  test("counts what needs more than the broker can apart, with the broker's reason", () => {
    const name = `share groups${leftOutMark("share groups")}`;
    const skipped = { blocks: [name], name: "takes", outcome: "skipped" } as const;
    const { text, failed } = resultTable([passed, skipped, skipped], { "share groups": "too old" });
    expect(failed).toBe(0);
    expect(text).toMatch(/^a client > producer +1 +0 +0$/m);
    expect(text).toMatch(/^share groups +0 +0 +2$/m);
    expect(text).toMatch(/^all +1 +0 +2$/m);
    expect(text).toEndWith("  share groups (2 checks): too old");
  });

  test("takes a check that was left out for no known reason for a failure", () => {
    const cases = [passed, { ...passed, name: "gone", outcome: "skipped" } as const];
    const { text, failed } = resultTable(cases, {});
    expect(failed).toBe(1);
    expect(text).toContain("  a client > producer > gone");
  });
});
