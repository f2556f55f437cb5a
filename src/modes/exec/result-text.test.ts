// A task's result as text for people.

import { describe, expect, test } from "bun:test";
import { resultText } from "./result-text.ts";

describe("the result text", () => {
  test("aligns figures with their units, wraps notes, leaves out what is empty", () => {
    const text = resultText({
      figures: [
        { label: "acknowledged", value: 1_000_000, unit: "messages", of: 2_000_000 },
        { label: "failed", value: 0, unit: "messages" },
        { label: "rate", value: 81_757.4, unit: "messages/s", of: 1e7, remark: "too much" },
        { label: "throughput", value: 42_200_000, unit: "bytes/s" },
        { label: "elapsed", value: 12_230_000, unit: "us" },
      ],
      tables: [
        {
          title: "Latency",
          unit: "us",
          columns: ["p50", "max"],
          rows: [
            { label: "corrected", values: [1200, 2_000_000] },
            { label: "lateness", values: [undefined, 4000] },
          ],
        },
      ],
      lists: [
        { title: "Errors", lines: [] },
        { title: "Warnings", lines: ["one", "two"] },
      ],
      notes: [`${"word ".repeat(20)}end.`],
    });
    expect(text).toBe(
      [
        "  acknowledged  1,000,000 messages    of 2,000,000",
        "  failed                0 messages",
        "  rate             81,757 messages/s  of 10,000,000; too much",
        "  throughput         42.2 MB/s",
        "  elapsed            12.2 s",
        "",
        "  Latency, ms  p50    max",
        "  corrected    1.2  2,000",
        "  lateness              4",
        "",
        "  Warnings",
        "    one",
        "    two",
        "",
        `  ${"word ".repeat(15).trim()}`,
        "  word word word word word end.",
        "",
      ].join("\n"),
    );
  });
});
