// What ProduceBench's last status says to people.

import { describe, expect, test } from "bun:test";
import { parseTaskSpec } from "../../parse-task-spec.ts";
import type { TaskResult } from "../../task-result.ts";
import { produceBenchResult } from "./result.ts";
import type { ProduceBenchSpec } from "./spec.ts";

const summary = (count: number) => ({
  count,
  mean: 2,
  p50: 1,
  p90: 3,
  p95: 4,
  p99: 5,
  p999: 6,
  p9999: 7,
  max: 8,
});

const good = {
  totalSent: 100,
  acknowledged: 100,
  failed: 0,
  errors: {},
  bytes: 51_600,
  elapsedMs: 1000,
  achievedMessagesPerSec: 100,
  intendedMessagesPerSec: 100,
  bytesPerSec: 51_600,
  intervalMessagesPerSec: 99,
  latencyUs: { corrected: summary(100), service: summary(100) },
  pacingErrorUs: { p50: 10, p99: 20, max: 30 },
  rateReached: true,
  limitedBy: "none",
  transactionsCommitted: 0,
  warmupExcluded: 0,
  warnings: [],
  endReason: "completed",
  clientLibrary: "native",
};

function result(changes: Partial<Record<keyof typeof good, unknown>>, fields = {}): TaskResult {
  const spec = { class: "ProduceBench", durationMs: 1000, maxMessages: 100, ...fields };
  const parsed = parseTaskSpec(JSON.stringify(spec)).spec as ProduceBenchSpec;
  return produceBenchResult({ ...good, ...changes } as typeof good, parsed)!;
}

const labels = ({ figures }: TaskResult) => figures.map((figure) => figure.label);

describe("the result of ProduceBench", () => {
  test("names counts, rates and sizes, and nothing that did not happen", () => {
    const { figures, tables, lists } = result({});
    expect(figures.map(({ label, value, unit }) => [label, value, unit])).toEqual([
      ["acknowledged", 100, "messages"],
      ["failed", 0, "messages"],
      ["rate", 100, "messages/s"],
      ["throughput", 51_600, "bytes/s"],
      ["volume", 51_600, "bytes"],
      ["elapsed", 1_000_000, "us"],
    ]);
    expect(tables[0]?.rows.map((row) => row.label)).toEqual(["corrected", "service", "lateness"]);
    expect(lists.flatMap((list) => list.lines)).toEqual([]);
  });

  test("of a rate out of reach names the limit and says what the latency then is", () => {
    const { figures, tables, notes } = result({ rateReached: false, limitedBy: "broker" });
    expect(figures[2]).toMatchObject({ of: 100, remark: "the broker was the limit" });
    expect(tables[0]?.rows.map((row) => row.label)).toEqual(["corrected", "service"]);
    expect(notes[0]).toStartWith("The intended rate was not reached, so the run was not paced");
  });

  test("names the load generator when that was the limit", () => {
    const { figures } = result({ rateReached: false, limitedBy: "generator" });
    expect(figures[2]?.remark).toBe("the load generator was the limit");
  });

  test("says how much was wanted when less was acknowledged", () => {
    expect(result({ acknowledged: 40 }).figures[0]?.of).toBe(100);
    expect(result({}).figures[0]?.of).toBeUndefined();
  });

  test("has errors and warnings, and no latency when none was measured", () => {
    const latencyUs = { corrected: summary(0), service: summary(0) };
    const failed = { acknowledged: 0, failed: 100, errors: { TIMEOUT: 100 }, latencyUs };
    const { tables, lists, notes } = result({ ...failed, warnings: ["a setting has no effect"] });
    expect({ tables, notes }).toEqual({ tables: [], notes: [] });
    expect(lists).toEqual([
      { title: "Errors", lines: ["TIMEOUT: 100 messages"] },
      { title: "Warnings", lines: ["a setting has no effect"] },
    ]);
  });

  test("has transactions of a spec with some, and a warm-up that was there", () => {
    const transactionGenerator = { type: "uniform", messagesPerTransaction: 5 };
    const shown = result({ warmupExcluded: 7 }, { transactionGenerator });
    expect(labels(shown)).toContain("committed");
    expect(labels(shown)).toContain("warm-up");
  });

  test("says that the time was over, and which library sent", () => {
    const { notes } = result({ endReason: "expired", clientLibrary: "kafkajs" });
    expect(notes[0]).toStartWith("The time was over (durationMs)");
    expect(notes[1]).toBe("The messages were sent with kafkajs.");
  });

  test("is not there before the load", () => {
    const { spec } = parseTaskSpec('{"class":"ProduceBench","durationMs":1}');
    expect(produceBenchResult("Creating 1 topic(s)", spec as ProduceBenchSpec)).toBeUndefined();
  });
});
