// A status as text for people.

import { describe, expect, test } from "bun:test";
import { resultText } from "./result-text.ts";

describe("the result text", () => {
  test("shows a status that is a word", () => {
    expect(resultText("done")).toBe("  done\n");
  });

  test("says so when there is no status", () => {
    expect(resultText(null)).toBe("  (no status)\n");
  });

  test("aligns members, reads units from their names, makes tables of similar objects", () => {
    const status = {
      totalSent: 1_000_000,
      averageLatencyMs: 4.507,
      achievedPerSec: 12_345.6,
      bytesPerSec: 1e8,
      sentBytes: 512_000_000n,
      endReason: "expired",
      empty: {},
      latencyUs: {
        corrected: { count: 10, p50Us: 1200, p99Us: 45_600, max: 2_000_000 },
        service: { p50Us: 900, max: 4000 },
      },
      errors: { TIMEOUT: 3 },
      warnings: ["one", "two"],
    };
    expect(resultText(status)).toBe(
      [
        "  total sent       1,000,000",
        "  average latency  4.51 ms",
        "  achieved         12,346/s",
        "  bytes            100 MB/s",
        "  sent             512 MB",
        "  end reason       expired",
        "",
        "  latency    count     p50      p99   max",
        "  corrected     10  1.2 ms  45.6 ms   2 s",
        "  service           900 us           4 ms",
        "",
        "  errors",
        "    TIMEOUT  3",
        "",
        "  warnings",
        "    one",
        "    two",
        "",
      ].join("\n"),
    );
  });
});
