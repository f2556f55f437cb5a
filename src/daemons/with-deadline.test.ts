// A wait for a peer ends with its answer, its error, or the deadline.

import { describe, expect, test } from "bun:test";
import { createSimulatedClock } from "../platform/clock/simulated-clock.ts";
import { withDeadline } from "./with-deadline.ts";

describe("a deadline", () => {
  test("brings the answer or the error of the work, and leaves no sleeper behind", async () => {
    const clock = createSimulatedClock(0);
    expect(await withDeadline(Promise.resolve(5), clock, 1000)).toBe(5);
    const failing = withDeadline(Promise.reject(new Error("no")), clock, 1000);
    await expect(failing).rejects.toThrow("no");
    await clock.sleep(1);
    expect(clock.nowMs()).toBe(1);
  });

  test("rejects when there is no answer in time, and drops a later one", async () => {
    const clock = createSimulatedClock(0);
    const { promise, reject } = Promise.withResolvers<void>();
    const late = withDeadline(promise, clock, 10_000);
    await expect(late).rejects.toMatchObject({ code: "timeout", message: "no answer within 10 s" });
    expect(clock.nowMs()).toBe(10_000);
    reject(new Error("late"));
    await clock.sleep(1);
  });
});
