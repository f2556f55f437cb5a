// ServiceRestartFault with commands of the caller's own, and with a unit of systemd.

import { afterEach, describe, expect, test } from "bun:test";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { FaultContext } from "../../define-fault.ts";
import { describeFault } from "../../describe-fault.suite.ts";
import { sceneContext } from "../../fault-scene.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { makeScene } from "./scene.suite.ts";
import { makeUnitScene, type UnitScene } from "./unit-scene.suite.ts";
import { serviceRestart } from "./worker.ts";

describeFault("ServiceRestartFault", makeScene);
describeFault("ServiceRestartFault of a unit", makeUnitScene);

function parse(fields: object) {
  const all = { class: "ServiceRestartFault", durationMs: 1, nodeNames: ["a"], ...fields };
  return parseTaskSpec(JSON.stringify(all));
}

describe("ServiceRestartFault", () => {
  test("is refused when the service does not run", async () => {
    const scene = await makeScene();
    await scene[Symbol.asyncDispose]();
    const { spec } = parse(scene.spec);
    const plan = serviceRestart.plan(spec, sceneContext(scene));
    await expect(plan).rejects.toThrow("the service does not run: test -e");
  });

  test.each([
    [{ unit: "x", startCommand: ["y"] }, ["unit"]],
    [{ startCommand: ["y"] }, ["stopCommand", "statusCommand"]],
  ])("is refused for %j", async (fields, paths) => {
    const { taskType, spec } = parse(fields);
    const problems = await checkTaskSpec(taskType, spec);
    expect(problems.map((problem) => problem.path)).toEqual(paths);
  });
});

describe("ServiceRestartFault of a unit", () => {
  const leftovers: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const one of leftovers.splice(0)) await one[Symbol.asyncDispose]();
  });

  /** Time goes by only where somebody waits. */
  async function unitScene(): Promise<{ scene: UnitScene; context: FaultContext }> {
    const scene = await makeUnitScene();
    leftovers.push(scene);
    let nowMs = 0;
    const clock: Clock = {
      nowMs: () => nowMs,
      nowUs: () => nowMs * 1000,
      async sleep(durationMs) {
        nowMs += durationMs * 50;
      },
    };
    return { scene, context: { ...sceneContext(scene), clock } };
  }

  const planned = (scene: UnitScene, context: FaultContext) =>
    serviceRestart.plan(parse(scene.spec).spec, context);

  test("queues the jobs, and waits until the unit has come to rest", async () => {
    const { scene, context } = await unitScene();
    const plan = await planned(scene, context);
    await serviceRestart.apply(plan, context);
    expect(await scene.picture()).toBe("failed failed exit-code\n");
    await serviceRestart.undo(plan, context);
    expect(await scene.picture()).toBe("active running success\n");
    await serviceRestart.undo(plan, context);
    const jobs = ["stop --no-block -- kafka.service", "start --no-block -- kafka.service"];
    expect(scene.asked()).toEqual(jobs);
  });

  test.each([
    ["inactive dead success", "unit kafka.service does not run, it is inactive"],
    ["failed failed exit-code", "unit kafka.service does not run, it is failed"],
    ["activating auto-restart exit-code", "unit kafka.service does not run, it is activating"],
    ["", "systemd knows no unit kafka.service on this node"],
  ])("is refused when it is %p", async (state, problem) => {
    const { scene, context } = await unitScene();
    if (state === "") await scene.vanish();
    else scene.set("kafka.service", state);
    const why = `${problem}, so stopping it would change nothing`;
    await expect(planned(scene, context)).rejects.toThrow(why);
  });

  test("is not in force while the unit still stops", async () => {
    const { scene, context } = await unitScene();
    scene.set("stopped", "deactivating stop-sigterm success");
    const plan = await planned(scene, context);
    await serviceRestart.apply(plan, context);
    const found =
      "expected the service to be stopped, found that unit kafka.service is deactivating";
    expect(await serviceRestart.probe(plan, context)).toBe(found);
    await serviceRestart.undo(plan, context);
    expect(await scene.picture()).toBe("active running success\n");
  });

  test.each([
    ["failed failed exit-code", "is failed (exit-code): see journalctl -u kafka.service"],
    ["activating auto-restart exit-code", "is activating (exit-code): see journalctl"],
    ["inactive dead success", "is inactive: see journalctl"],
  ])("says that it did not start again when it is %p", async (state, problem) => {
    const { scene, context } = await unitScene();
    const plan = await planned(scene, context);
    await serviceRestart.apply(plan, context);
    scene.set("started", state);
    const why = `unit kafka.service was told to start, but ${problem}`;
    await expect(serviceRestart.undo(plan, context)).rejects.toThrow(why);
  });

  test("leaves a unit to systemd that takes long to start", async () => {
    const { scene, context } = await unitScene();
    const plan = await planned(scene, context);
    await serviceRestart.apply(plan, context);
    scene.set("started", "activating start success");
    await serviceRestart.undo(plan, context);
    expect(scene.asked().length).toBe(2);
  });

  test("says what to give on a node without systemd", async () => {
    const { scene, context } = await unitScene();
    const run = async () => ({
      exitCode: 1,
      stdout: "",
      stderr: "System has not been booted with systemd as init system (PID 1). Can't operate.\n",
    });
    const bare = { ...context, commands: { isRoot: true, run } };
    await expect(planned(scene, bare)).rejects.toThrow(
      "unit: without systemd, give stopCommand, startCommand and statusCommand, no unit: systemctl",
    );
  });
});
