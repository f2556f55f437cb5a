// When something is tried again: in simulated time, but where a timer of the runtime ends it.

import { describe, expect, test } from "bun:test";
import { realClock } from "../platform/clock/real-clock.ts";
import { createSimulatedClock } from "../platform/clock/simulated-clock.ts";
import { KafkaError } from "./client.ts";
import { backoffAfter, deadlineIn, retrying, retryingWithin, within } from "./retry.ts";

const backoff = { backoffMs: 100, backoffMaxMs: 1000 };
const passing = new KafkaError("NETWORK_EXCEPTION", "gone", true);
const final = new KafkaError("SASL_AUTHENTICATION_FAILED", "no", false);
const late = () => new KafkaError("REQUEST_TIMED_OUT", "late", true);

describe("the pause before another try", () => {
  test("doubles up to its maximum, with a fifth of jitter", () => {
    for (const [attempt, ms] of [
      [1, 100],
      [2, 200],
      [3, 400],
      [4, 800],
      [5, 1000],
      [80, 1000],
    ]) {
      for (let round = 0; round < 50; round++) {
        expect(backoffAfter(backoff, attempt!)).toBeWithin(ms! * 0.8, ms! * 1.2 + 0.001);
      }
    }
  });
});

describe("retrying", () => {
  test("goes on until the operation succeeds", async () => {
    const clock = createSimulatedClock();
    let tries = 0;
    const answer = await retrying(clock, backoff, deadlineIn(clock, 10_000), async () => {
      tries += 1;
      if (tries < 4) throw passing;
      return "done";
    });
    expect([answer, tries]).toEqual(["done", 4]);
    expect(clock.nowUs() / 1000).toBeWithin(560, 841);
  });

  test("throws the last error rather than pause beyond the deadline", async () => {
    const clock = createSimulatedClock();
    let tries = 0;
    const failing = retrying(clock, backoff, deadlineIn(clock, 2000), async () => {
      tries += 1;
      throw passing;
    });
    await expect(failing).rejects.toBe(passing);
    expect(clock.nowUs() / 1000).toBeLessThan(2000);
    expect(tries).toBeWithin(4, 8);
  });

  test.each([final, new TypeError("a mistake")])(
    "does not repeat what cannot get better",
    async (error) => {
      const clock = createSimulatedClock();
      let tries = 0;
      const failing = retrying(clock, backoff, deadlineIn(clock, 2000), async () => {
        tries += 1;
        throw error;
      });
      await expect(failing).rejects.toBe(error);
      expect([tries, clock.nowUs()]).toEqual([1, 0]);
    },
  );

  test("ends at once when its signal aborts during a pause", async () => {
    const clock = createSimulatedClock();
    const stop = new AbortController();
    const deadline = deadlineIn(clock, 60_000, stop.signal);
    const failing = retrying(clock, backoff, deadline, async () => {
      queueMicrotask(() => stop.abort());
      throw passing;
    });
    await expect(failing).rejects.toBe(passing);
    expect(clock.nowUs()).toBe(0);
  });
});

describe("within", () => {
  const clock = createSimulatedClock();
  const never = new Promise<never>(() => {});

  test("gives the promise's own outcome", async () => {
    const deadline = deadlineIn(clock, 60_000);
    expect(await within(clock, deadline, late, Promise.resolve(1))).toBe(1);
    await expect(within(clock, deadline, late, Promise.reject(final))).rejects.toBe(final);
  });

  test("rejects when the deadline is over", async () => {
    const waiting = within(clock, deadlineIn(clock, 0), late, never);
    await expect(waiting).rejects.toMatchObject({ code: "REQUEST_TIMED_OUT" });
  });

  test("rejects when the signal aborts, before or during the wait", async () => {
    const stop = new AbortController();
    const deadline = deadlineIn(clock, 60_000, stop.signal);
    const during = within(clock, deadline, late, never);
    stop.abort();
    await expect(during).rejects.toMatchObject({ code: "INTERRUPTED" });
    await expect(within(clock, deadline, late, never)).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
  });
});

describe("retryingWithin", () => {
  const never = new Promise<never>(() => {});
  const soon = { backoffMs: 1, backoffMaxMs: 1 };

  test("ends a try that hangs with the error of the try before it", async () => {
    const clock = realClock;
    const tries: Promise<never>[] = [Promise.reject(passing), never];
    const failing = retryingWithin(clock, soon, deadlineIn(clock, 50), late, () => tries.shift()!);
    await expect(failing).rejects.toBe(passing);
    expect(tries).toEqual([]);
  });

  test("says that the time is over when the first try hangs", async () => {
    const clock = realClock;
    const failing = retryingWithin(clock, soon, deadlineIn(clock, 0), late, () => never);
    await expect(failing).rejects.toMatchObject({ code: "REQUEST_TIMED_OUT" });
  });
});
