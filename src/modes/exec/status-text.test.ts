// A status as text for people, from the names of its fields alone.

import { describe, expect, test } from "bun:test";
import { statusText } from "./status-text.ts";

describe("the status text", () => {
  test("shows a status that is a word", () => {
    expect(statusText("done")).toBe("  done\n");
  });

  test("says so when there is no status", () => {
    expect(statusText(null)).toBe("  (no status)\n");
  });

  test("aligns, reads units from names, makes tables", () => {
    const status = {
      totalSent: 1_000_000,
      takenMs: 4.507,
      achievedPerSec: 12_345.6,
      bytesPerSec: 1e8,
      rateReached: false,
      pacingErrorUs: { p50: 12, p999: 1500 },
      sentBytes: 512_000_000n,
      endReason: "expired",
      empty: {},
      latencyUs: {
        corrected: { count: 10, p50: 1200, p999: 45_600, max: 2_000_000 },
        service: { p50: 900, max: 4000 },
      },
      errors: { TIMEOUT: 3 },
      warnings: ["one", "two"],
    };
    expect(statusText(status)).toBe(
      [
        "  total sent    1,000,000",
        "  taken         4.51 ms",
        "  achieved      12,346/s",
        "  bytes         100 MB/s",
        "  rate reached  no",
        "  pacing error  p50 12 us  p99.9 1.5 ms",
        "  sent          512 MB",
        "  end reason    expired",
        "",
        "  latency    count     p50    p99.9   max",
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
