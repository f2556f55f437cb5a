// The loop around a machine: batches, one commit for many events, effects only behind it.

import { describe, expect, test } from "bun:test";
import { noPlantedBugs, type PlantedBug } from "../core/planted-bugs.ts";
import type { RowUpdate } from "../core/row-change.ts";
import { createSimulatedClock } from "../platform/clock/simulated-clock.ts";
import { memoryStore } from "../platform/store/memory-store.ts";
import { createMachineLoop } from "./machine-loop.ts";

interface Effect {
  readonly type: string;
  readonly event: string;
}

/** A machine that writes one row and wants one effect for each event; it is due every 2500 ms. */
function loopWith(bugs: readonly PlantedBug[] = [], commitError?: Error) {
  const clock = createSimulatedClock(0);
  const trace: string[] = [];
  let dueMs = Number.POSITIVE_INFINITY;
  const store = {
    ...memoryStore(),
    async commit(changes: readonly RowUpdate[]) {
      trace.push(`commit ${changes.map(({ key, value }) => `${key}=${value}`).join(" ")}`);
      await clock.sleep(3);
      if (commitError !== undefined) throw commitError;
      trace.push("committed");
    },
  };
  const loop = createMachineLoop<string, Effect>(
    {
      step(event) {
        trace.push(`step ${event}`);
        if (event === "tick") dueMs = clock.nowMs() + 2500;
        if (event === "wait") dueMs = clock.nowMs() + 2500;
        const [key = "", value] = event.split("=");
        const changes = value === undefined ? [] : [{ table: "t", key, value }];
        const type = event.startsWith("ask") ? "answer" : "call";
        return { effects: event === "tick" ? [] : [{ type, event }], changes };
      },
      waitMs: () => Math.max(0, dueMs - clock.nowMs()),
      tick: () => "tick",
      perform: ({ type, event }) => trace.push(`${type} ${event}`),
    },
    { store, clock, plantedBugs: bugs.length === 0 ? noPlantedBugs : new Set(bugs) },
  );
  return { clock, loop, trace };
}

describe("a machine's loop", () => {
  test("steps what came in one turn, commits each row once, then performs", async () => {
    const { loop, trace } = loopWith();
    for (const event of ["ask a=1", "b=1", "ask a=2"]) loop.post(event);
    expect(trace).toEqual([]);
    await loop.end();
    expect(trace).toEqual([
      "step ask a=1",
      "step b=1",
      "step ask a=2",
      "commit ask a=2 b=1",
      "committed",
      "answer ask a=1",
      "call b=1",
      "answer ask a=2",
    ]);
  });

  test("takes what comes during a commit as the next batch", async () => {
    const { loop, trace, clock } = loopWith();
    loop.post("a=1");
    await clock.sleep(1);
    loop.post("b=1");
    loop.post("c=1");
    await loop.end();
    expect(trace.filter((line) => line.startsWith("commit "))).toEqual([
      "commit a=1",
      "commit b=1 c=1",
    ]);
    expect(loop.figures.snapshot()).toMatchObject({ commits: 2, rows: 3, totalMs: 6, maxMs: 3 });
    expect(loop.figures.snapshot().bucketCounts).toEqual([0, 0, 0, 2, 0, 0, 0, 0, 0, 0]);
  });

  test("commits nothing when nothing changed", async () => {
    const { loop, trace } = loopWith();
    loop.post("x");
    await loop.end();
    expect(trace).toEqual(["step x", "call x"]);
  });

  test("ticks when the machine is due, and once a second until then", async () => {
    const { loop, trace, clock } = loopWith();
    loop.start();
    loop.post("wait");
    await clock.sleep(2600);
    expect(trace).toEqual(["step wait", "call wait", "step tick", "step tick"]);
    loop.post("wait");
    await clock.sleep(1);
    await loop.end();
    expect(trace.slice(4)).toEqual(["step wait", "call wait"]);
  });

  test("drops what is posted after the end", async () => {
    const { loop, trace } = loopWith();
    await loop.end();
    loop.post("x");
    await loop.end();
    expect(trace).toEqual([]);
  });

  test("ends for good when a commit fails, and performs nothing of it", async () => {
    const { loop, trace } = loopWith([], new Error("disk full"));
    loop.post("a=1");
    await expect(loop.ended).rejects.toThrow("disk full");
    loop.post("b=1");
    expect(trace).toEqual(["step a=1", "commit a=1"]);
  });

  test.each([
    ["acknowledgeBeforeSync", "answer ask a=1"],
    ["effectBeforePersist", "call b=1"],
  ] as const)("with the planted bug %s does %p before the commit", async (bug, early) => {
    const { loop, trace } = loopWith([bug]);
    loop.post("ask a=1");
    loop.post("b=1");
    await loop.end();
    expect(trace.slice(2, 4)).toEqual([early, "commit ask a=1 b=1"]);
    expect(trace.filter((line) => line === early)).toHaveLength(1);
  });
});
