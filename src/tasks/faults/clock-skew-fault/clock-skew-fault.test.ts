// ClockSkewFault on simulated clocks, and on the machine's own where TROGDOR_TEST_CLOCK=1 says so.

import { describe, expect, test } from "bun:test";
import { realSystemClock } from "../../../platform/system-clock/real-system-clock.ts";
import { describeFault } from "../../describe-fault.suite.ts";
import { sceneContext } from "../../fault-scene.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { makeScene } from "./scene.suite.ts";
import { clockSkew } from "./worker.ts";

describeFault("ClockSkewFault", makeScene);

function parse(fields: object) {
  const all = { class: "ClockSkewFault", durationMs: 1, nodeNames: ["a"], ...fields };
  return parseTaskSpec(JSON.stringify(all));
}

/** Runs what acts while the fault is in force for some turns; what the clock was off by at each. */
async function turnsOf(fields: object, count: number): Promise<number[]> {
  const scene = await makeScene();
  const ending = new AbortController();
  const offsets: number[] = [];
  const context = sceneContext(scene);
  const node = {
    ...context,
    clock: {
      ...context.clock,
      async sleep(durationMs: number) {
        offsets.push(scene.systemClock.offsetMs);
        expect(await clockSkew.probe(plan, node)).toBe("");
        scene.systemClock.advanceMs(durationMs);
        if (offsets.length === count) ending.abort();
      },
    },
  };
  const plan = await clockSkew.plan(parse(fields).spec, node);
  await clockSkew.apply(plan, node);
  await clockSkew.during!(plan, node, { signal: ending.signal, report: () => {}, tell: () => {} });
  await clockSkew.undo(plan, node);
  expect(scene.systemClock.offsetMs).toBe(0);
  return offsets;
}

describe("ClockSkewFault", () => {
  test("is refused where the clock may not be set", async () => {
    const context = { ...sceneContext(await makeScene()), allowsClock: false };
    const plan = clockSkew.plan(parse({ offsetMs: 1000 }).spec, context);
    await expect(plan).rejects.toThrow("with --allow-clock");
  });

  test("strobes: off and right in turns", async () => {
    const offsets = await turnsOf({ mode: "strobe", offsetMs: -3000, intervalMs: 50 }, 4);
    expect(offsets).toEqual([-3000, 0, -3000, 0]);
  });

  test("drifts further and further", async () => {
    const offsets = await turnsOf({ mode: "drift", driftMsPerSec: 200 }, 4);
    expect(offsets.map(Math.round)).toEqual([0, 20, 40, 60]);
  });

  test("puts the clock right by the time that really went by", async () => {
    const scene = await makeScene();
    const context = sceneContext(scene);
    const plan = await clockSkew.plan(parse({ offsetMs: 3_600_000 }).spec, context);
    await clockSkew.apply(plan, context);
    scene.systemClock.advanceMs(7_200_000);
    expect(await clockSkew.probe(plan, context)).toBe("");
    // Someone else sets it too: all of that goes.
    scene.systemClock.setRealtimeUs(0);
    await clockSkew.undo(plan, context);
    expect(scene.systemClock.offsetMs).toBe(0);
  });

  test("holds services back that set the clock, and starts only those again", async () => {
    const scene = await makeScene();
    const context = sceneContext(scene);
    const asked: string[] = [];
    const run = async (command: readonly string[]) => {
      if (command[1] !== "is-active") asked.push(command.join(" "));
      return await context.commands.run(command);
    };
    const node = { ...context, commands: { isRoot: true, run } };
    const plan = await clockSkew.plan(parse({ offsetMs: 1000 }).spec, node);
    expect(clockSkew.steps(plan).apply[0]).toBe("systemctl stop chronyd");
    await clockSkew.apply(plan, node);
    expect(await scene.picture()).toBe("off by 1000 ms, service false");
    await clockSkew.undo(plan, node);
    await clockSkew.undo(plan, node);
    expect(asked).toEqual(["systemctl stop chronyd", "systemctl start chronyd"]);
  });

  test("notices a service that sets the clock", async () => {
    const context = sceneContext(await makeScene());
    const plan = await clockSkew.plan(parse({ offsetMs: 1000 }).spec, context);
    await clockSkew.apply(plan, context);
    await context.commands.run(["systemctl", "start", "chronyd"]);
    expect(await clockSkew.probe(plan, context)).toContain("found that chronyd runs");
  });

  test("bears no second one, which would take the first one's clock for the right one", () => {
    expect(clockSkew.isAlone).toBe(true);
  });

  test("tells of the fault after a reboot", async () => {
    const context = sceneContext(await makeScene());
    const plan = await clockSkew.plan(parse({ offsetMs: -1000 }).spec, context);
    expect(clockSkew.survivesReboot).toBeUndefined();
    expect(clockSkew.afterReboot!(plan)).toContain("set the clock off by -1000 ms");
  });

  test.each([
    [{ offsetMs: 10 }, ["offsetMs"]],
    [{ mode: "strobe", offsetMs: 1000, intervalMs: 1 }, ["intervalMs"]],
    [{ mode: "drift" }, ["driftMsPerSec"]],
    [{ mode: "drift", driftMsPerSec: -501 }, ["driftMsPerSec"]],
  ])("is refused for %j", async (fields, paths) => {
    const { taskType, spec } = parse(fields);
    const problems = await checkTaskSpec(taskType, spec);
    expect(problems.map((problem) => problem.path)).toEqual(paths);
  });

  test("reads the machine's own clocks", () => {
    const { realtimeUs, bootUs } = realSystemClock;
    expect(Math.abs(realtimeUs() / 1000 - Date.now())).toBeLessThan(1000);
    expect(bootUs()).toBeLessThanOrEqual(bootUs());
  });

  const isAllowed = process.env["TROGDOR_TEST_CLOCK"] === "1";
  if (isAllowed) {
    test("sets the machine's own clock off by a second, and right", async () => {
      const scene = await makeScene();
      const context = { ...sceneContext(scene), systemClock: realSystemClock };
      const plan = await clockSkew.plan(parse({ offsetMs: 1000 }).spec, context);
      const baseUs = realSystemClock.realtimeUs() - realSystemClock.bootUs();
      await clockSkew.apply(plan, context);
      const probed = await clockSkew.probe(plan, context);
      await clockSkew.undo(plan, context);
      expect(probed).toBe("");
      const offUs = realSystemClock.realtimeUs() - realSystemClock.bootUs() - baseUs;
      expect(Math.abs(offUs)).toBeLessThan(10_000);
    });
  }
});
