// The order in which simulated sleepers wake, and what time it is then.

import { describe, expect, test } from "bun:test";
import { createSimulatedClock } from "./simulated-clock.ts";

describe("simulated clock", () => {
  test("sleepers wake in the order of their times, and time has passed for each", async () => {
    const clock = createSimulatedClock(1000);
    const woken: [number, number][] = [];
    await Promise.all(
      [300, 100, 200, 100].map(async (ms, index) => {
        await clock.sleep(ms);
        woken.push([index, clock.nowMs()]);
      }),
    );
    expect(woken).toEqual([
      [1, 1100],
      [3, 1100],
      [2, 1200],
      [0, 1300],
    ]);
  });

  test("an abort ends a sleep at once without moving time", async () => {
    const clock = createSimulatedClock();
    const controller = new AbortController();
    const slept = clock.sleep(60_000, controller.signal);
    controller.abort();
    await slept;
    await clock.sleep(10, controller.signal);
    expect(clock.nowUs()).toBe(0);
  });

  test("work that takes time moves both clocks", () => {
    const clock = createSimulatedClock(5);
    clock.advance(1.5);
    expect([clock.nowMs(), clock.nowUs()]).toEqual([6, 1500]);
  });
});
