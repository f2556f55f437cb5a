// A strobe goes on inside of the agent. Whatever becomes of that, the clean-up that the guard runs
// puts the clock right by the journal alone; here on a simulated clock, with the real journal.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Log, silentLog } from "../../../platform/log/log.ts";
import { fileUndoJournal } from "../../../platform/undo-journal/file-undo-journal.ts";
import type { UndoOwner } from "../../../platform/undo-journal/undo-journal.ts";
import { faultWorker, forgottenAfterUs, probeEveryMs } from "../../fault-runner.ts";
import { sceneContext } from "../../fault-scene.suite.ts";
import { parseTaskSpec } from "../../parse-task-spec.ts";
import { undoLeftovers } from "../../undo-leftovers.ts";
import { makeScene } from "./scene.suite.ts";
import { clockSkew } from "./worker.ts";

const agent: UndoOwner = { bootId: "boot", networkNamespace: "net:[1]", pid: 10, startTicks: 1 };
const guard: UndoOwner = { ...agent, pid: 11 };
const durationMs = 10_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trogdor-strobe-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An agent whose strobe stops in the middle: it is not turned a third time. */
async function strobingAgent() {
  const scene = await makeScene();
  const context = sceneContext(scene);
  const { systemClock } = scene;
  const stopping = new AbortController();
  const isAtRest = Promise.withResolvers<void>();
  const goesOn = Promise.withResolvers<void>();
  let turns = 0;
  const clock = {
    ...context.clock,
    nowMs: () => systemClock.bootUs() / 1000,
    async sleep(ms: number, signal?: AbortSignal) {
      if (ms >= probeEveryMs) {
        await new Promise<void>((resolve) => {
          signal?.addEventListener("abort", () => resolve(), { once: true });
        });
        return;
      }
      systemClock.advanceMs(ms);
      turns += 1;
      if (turns < 2) return;
      isAtRest.resolve();
      await goesOn.promise;
    },
  };
  const fields = { mode: "strobe", offsetMs: 60_000, intervalMs: 100, nodeNames: ["a"] };
  const spec = { class: "ClockSkewFault", durationMs, startMs: clock.nowMs(), ...fields };
  const bootTimeUs = () => systemClock.bootUs();
  const worker = faultWorker(async () => clockSkew);
  const running = worker(parseTaskSpec(JSON.stringify(spec)).spec, {
    ...context,
    clock,
    signal: stopping.signal,
    report: () => {},
    reportHistogram: () => {},
    randomUuid: () => "",
    faultHost: {
      node: { ...context, clock },
      journal: fileUndoJournal(folder, agent),
      bootTimeUs,
    },
  });
  running.catch(() => {});
  await isAtRest.promise;
  const cleanUp = (log: Log, self: UndoOwner, isAlive: boolean) =>
    undoLeftovers({
      node: context,
      journal: fileUndoJournal(folder, self),
      self,
      log,
      isOwnerAlive: () => isAlive,
      bootTimeUs,
    });
  const end = async () => {
    stopping.abort("expired");
    goesOn.resolve();
    await running;
  };
  return { scene, systemClock, cleanUp, end };
}

describe("a strobe", () => {
  test("ends, and the clock is right, when its agent is killed", async () => {
    const { scene, systemClock, cleanUp } = await strobingAgent();
    systemClock.setRealtimeUs(systemClock.realtimeUs() + 1e9);
    expect((await cleanUp(silentLog, guard, false)).undone).toEqual(["scene"]);
    expect(await scene.picture()).toBe("off by 0 ms, service true");
  });

  test("is left alone while its agent lives, until it is over", async () => {
    const { cleanUp, systemClock } = await strobingAgent();
    expect((await cleanUp(silentLog, guard, true)).leftAlone).toEqual(["scene"]);
    systemClock.advanceMs(durationMs + forgottenAfterUs / 1000 + 1);
    expect((await cleanUp(silentLog, guard, true)).undone).toEqual(["scene"]);
  });

  test("ends by the boot clock when its agent hangs, which then tells so", async () => {
    const { scene, systemClock, cleanUp, end } = await strobingAgent();
    // The wall clock goes back an hour: the fault is no shorter and no longer for it.
    systemClock.setRealtimeUs(systemClock.realtimeUs() - 3.6e9);
    systemClock.advanceMs(durationMs + forgottenAfterUs / 1000 + 1);
    await cleanUp(silentLog, guard, true);
    expect(await scene.picture()).toBe("off by 0 ms, service true");
    await expect(end()).rejects.toThrow("the guard undid the fault in its place");
    expect(await scene.picture()).toBe("off by 0 ms, service true");
    expect(await fileUndoJournal(folder, agent).entries()).toEqual([]);
  });

  test("that a reboot has ended is told of, and the new clock is left as it is", async () => {
    const { systemClock, cleanUp } = await strobingAgent();
    systemClock.setRealtimeUs(2e15);
    const told: string[] = [];
    const log = { ...silentLog, warn: (event: string) => void told.push(event) };
    expect((await cleanUp(log, { ...guard, bootId: "next" }, false)).undone).toEqual(["scene"]);
    expect(systemClock.realtimeUs()).toBe(2e15);
    expect(told[0]).toStartWith("A reboot ended a fault of the clock (set the clock off by 60000");
  });
});
