// The pieces that the simulation stands on: random numbers, time and a network.

import { describe, expect, test } from "bun:test";
import { noDisturbances } from "./disturbances.ts";
import { createNetwork } from "./network.ts";
import { createScheduler } from "./scheduler.ts";
import { seededRandom } from "./seeded-random.ts";
import { createTrace } from "./trace.ts";

describe("seeded random numbers", () => {
  test("follow from the seed and the name, evenly", () => {
    const draw = (seed: number, name: string) => {
      const random = seededRandom(seed).fork(name);
      return Array.from({ length: 4000 }, () => random.between(0, 9));
    };
    expect(draw(7, "a")).toEqual(draw(7, "a"));
    expect(draw(7, "a")).not.toEqual(draw(8, "a"));
    expect(draw(7, "a")).not.toEqual(draw(7, "b"));
    const tally = Array.from({ length: 10 }, (_, digit) => draw(7, "a").filter((d) => d === digit));
    for (const { length } of tally) expect(Math.abs(length - 400)).toBeLessThan(100);
  });
});

describe("simulated time", () => {
  test("runs events in the order of their times, each with all that follows from it", () => {
    const scheduler = createScheduler();
    const seen: string[] = [];
    const follow = async (name: string) => {
      for (let turn = 0; turn < 10; turn += 1) await null;
      seen.push(`${name} ${scheduler.nowMs()}`);
    };
    scheduler.after(20, () => void follow("b"));
    scheduler.after(10, () => {
      void follow("a");
      scheduler.after(10, () => void follow("c"));
    });
    const takeBack = scheduler.after(15, () => void follow("never"));
    takeBack();
    scheduler.after(100, () => void follow("later"));
    scheduler.runUntil(50);
    expect(seen).toEqual(["a 10", "b 20", "c 20"]);
    expect(scheduler.nowMs()).toBe(50);
  });
});

describe("the simulated network", () => {
  function make(loss: number, lateness: number, duplication: number) {
    const scheduler = createScheduler();
    const counts = noDisturbances();
    const trace = createTrace({ nowMs: scheduler.nowMs, keepsLines: true });
    const network = createNetwork({ scheduler, random: seededRandom(1), trace, counts });
    network.weather = { loss, lateness, duplication };
    const outcome: Record<string, number> = {};
    let served = 0;
    const call = (service: string | undefined, life = { isOver: false }) => {
      const tally = (what: string) => {
        outcome[what] = (outcome[what] ?? 0) + 1;
      };
      const serve = (text: string) => {
        served += 1;
        return text;
      };
      network
        .call({
          from: "x",
          to: "y",
          what: "w",
          timeoutMs: 1e4,
          life,
          mayRepeat: true,
          service: () => service,
          serve,
        })
        .then(tally, () => tally("unavailable"));
    };
    return { scheduler, network, counts, outcome, call, served: () => served, trace };
  }

  test("in calm weather brings every request and answer once", () => {
    const { scheduler, call, outcome, served } = make(0, 0, 0);
    for (let index = 0; index < 100; index += 1) call("yes");
    scheduler.runUntil(1000);
    expect([outcome, served()]).toEqual([{ yes: 100 }, 100]);
  });

  test("in bad weather loses, delays, repeats and reorders them; each call still ends", () => {
    const { scheduler, call, outcome, counts, served } = make(0.2, 0.2, 0.2);
    for (let index = 0; index < 1000; index += 1) call("yes");
    scheduler.runUntil(100_000);
    expect(outcome["yes"]! + outcome["unavailable"]!).toBe(1000);
    expect(counts.requestLost).toBeGreaterThan(100);
    expect(counts.answerLost).toBeGreaterThan(100);
    expect(counts.delayed).toBeGreaterThan(100);
    expect(counts.reordered).toBeGreaterThan(100);
    expect(served()).toBeGreaterThan(1000 - counts.requestLost);
  });

  test("refuses where nobody listens, swallows over a partition, tells the dead nothing", () => {
    const refusing = make(0, 0, 0);
    refusing.call(undefined);
    refusing.call("yes", { isOver: true });
    refusing.scheduler.runUntil(100);
    expect(refusing.outcome).toEqual({ unavailable: 1 });
    const cut = make(0, 0, 0);
    cut.network.partition("y", "x");
    cut.call("yes");
    cut.scheduler.runUntil(9_999);
    expect(cut.outcome).toEqual({});
    cut.scheduler.runUntil(10_000);
    expect([cut.outcome, cut.served()]).toEqual([{ unavailable: 1 }, 0]);
    cut.network.healAll();
    cut.call("yes");
    cut.scheduler.runUntil(20_000);
    expect(cut.outcome).toEqual({ unavailable: 1, yes: 1 });
  });
});
