// Which clock point counts for which latency, and what stays out.

import { describe, expect, test } from "bun:test";
import { createLatencyRecorder, type MeasuredOutcome } from "./latency-recorder.ts";

function outcome(
  members: Partial<MeasuredOutcome> & { intendedUs: Float64Array },
): MeasuredOutcome {
  return {
    count: members.intendedUs.length,
    appendedUs: members.intendedUs,
    sentUs: 0,
    completedUs: 0,
    payloadBytes: 100,
    error: undefined,
    ...members,
  };
}

function failure(code: string): Error & { code: string } {
  return Object.assign(new Error(code), { code });
}

describe("latency recorder", () => {
  test("each latency counts from its own clock point", () => {
    const recorder = createLatencyRecorder({ measureFromUs: 0 });
    recorder.record(
      outcome({
        intendedUs: Float64Array.of(1000, 2000),
        appendedUs: Float64Array.of(4000, 4000),
        sentUs: 9000,
        completedUs: 10_000,
      }),
    );
    expect(recorder.corrected.summary()).toMatchObject({ count: 2, mean: 8500, max: 9000 });
    expect(recorder.service.summary()).toMatchObject({ count: 2, mean: 1000, max: 1000 });
    expect(recorder.pacing.summary()).toMatchObject({ count: 2, mean: 2500, max: 3000 });
    expect(recorder.referenceLatency()).toEqual({
      averageLatencyMs: 6,
      p50LatencyMs: 6,
      p95LatencyMs: 6,
      p99LatencyMs: 6,
    });
    expect(recorder).toMatchObject({ acknowledged: 2, failed: 0, bytes: 100 });
    expect(recorder.lastCompletedUs).toBe(10_000);
  });

  test("failed records are counted by error and stay out of the percentiles and bytes", () => {
    const recorder = createLatencyRecorder({ measureFromUs: 0 });
    const tooLarge = failure("RECORD_TOO_LARGE");
    const timedOut = failure("REQUEST_TIMED_OUT");
    for (const error of [tooLarge, timedOut, tooLarge]) {
      recorder.record(outcome({ intendedUs: Float64Array.of(1, 2), completedUs: 1e6, error }));
    }
    expect(recorder).toMatchObject({ acknowledged: 0, failed: 6, bytes: 0 });
    expect(Object.fromEntries(recorder.errors)).toEqual({
      RECORD_TOO_LARGE: 4,
      REQUEST_TIMED_OUT: 2,
    });
    expect([recorder.firstError, recorder.lastError]).toEqual([tooLarge, tooLarge]);
    expect(recorder.corrected.summary().count).toBe(0);
    expect(recorder.referenceLatency().averageLatencyMs).toBe(0);
  });

  test("records of the warm-up are in the totals and not in the histograms", () => {
    const recorder = createLatencyRecorder({ measureFromUs: 5000 });
    const intendedUs = Float64Array.of(3000, 4999, 5000, 6000);
    recorder.record(outcome({ intendedUs, sentUs: 6000, completedUs: 7000 }));
    recorder.record(outcome({ intendedUs: Float64Array.of(1, 2), completedUs: 7000 }));
    expect(recorder).toMatchObject({ acknowledged: 6, warmupExcluded: 4 });
    expect(recorder.corrected.summary()).toMatchObject({ count: 2, max: 2000 });
    expect(recorder.service.summary()).toMatchObject({ count: 2, max: 1000 });
    expect(recorder.pacing.summary().count).toBe(2);
  });

  test("entries behind `count` are not looked at", () => {
    const recorder = createLatencyRecorder({ measureFromUs: 0 });
    recorder.record(
      outcome({ intendedUs: Float64Array.of(1, 0), count: 1, sentUs: 1, completedUs: 11 }),
    );
    expect(recorder.corrected.summary()).toMatchObject({ count: 1, max: 10 });
  });
});
