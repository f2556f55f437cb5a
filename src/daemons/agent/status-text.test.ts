// What of a worker's reports becomes its status.

import { describe, expect, test } from "bun:test";
import { createStatusText, statusLengthMax } from "./status-text.ts";

function texts() {
  const told: string[] = [];
  return { told, status: createStatusText((text) => told.push(text)) };
}

describe("a worker's status", () => {
  test("is told once for reports that come in one go, with 64-bit numbers exact", async () => {
    const { told, status } = texts();
    status.report("first");
    status.report({ total: 12345678901234567890n });
    await Promise.resolve();
    expect(told).toEqual(['{"total":12345678901234567890}']);
  });

  test("holds the histograms when it is an object", () => {
    const { told, status } = texts();
    status.histogram("latency", "HIST");
    status.flush();
    status.report({ totalSent: 1 });
    status.flush();
    status.flush();
    expect(told).toEqual(["null", '{"totalSent":1,"histograms":{"latency":"HIST"}}']);
  });

  test("is replaced by a sentence when it is too large", () => {
    const { told, status } = texts();
    status.report("x".repeat(statusLengthMax));
    status.flush();
    expect(told).toEqual([
      `"the status has ${statusLengthMax + 2} characters, at most ${statusLengthMax} are kept"`,
    ]);
  });
});
