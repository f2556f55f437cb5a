// Our histogram files in the hands of the Java library that plotters and analysers are built on.

import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kafkaClassPath } from "../../scripts/kafka-cluster/class-path.ts";
import { createHdrHistogram } from "../../src/measure/hdr-histogram.ts";
import { intervalLogText, percentileText } from "../../src/measure/histogram-text.ts";

test("Java's HistogramLogProcessor reads an interval log as we print it", async () => {
  const first = createHdrHistogram();
  const second = createHdrHistogram();
  const both = createHdrHistogram();
  for (let index = 0; index < 20_000; index++) {
    const valueUs = 1 + ((index * 7919) % 1_000_003);
    (index % 3 === 0 ? first : second).recordValue(valueUs);
    both.recordValue(valueUs);
  }
  const startMs = 1_790_000_000_000;
  const log = intervalLogText(startMs, [
    { startMs, endMs: startMs + 1_000, histogram: first },
    { startMs: startMs + 1_000, endMs: startMs + 2_500, histogram: second },
  ]);
  const folder = await mkdtemp(join(tmpdir(), "trogdor-histogram-"));
  try {
    await Bun.write(join(folder, "ours.hlog"), log);
    const java = Bun.spawnSync([
      ...["java", "-cp", await kafkaClassPath("4.1.0"), "org.HdrHistogram.HistogramLogProcessor"],
      ...["-i", join(folder, "ours.hlog"), "-outputValueUnitRatio", "1000"],
    ]);
    expect(java.exitCode).toBe(0);
    const theirs = java.stdout.toString().split("\n").filter(isPercentile);
    // A file knows a value only to its bucket, which is all that the lines show.
    expect(theirs).toEqual(percentileText(both).split("\n").filter(isPercentile));
    expect(theirs.length).toBeGreaterThan(50);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);

/** A line of the table, as opposed to headers and footers. */
function isPercentile(line: string): boolean {
  return /^ +[0-9.]+ [0-9.]+ +[0-9]+/.test(line);
}
