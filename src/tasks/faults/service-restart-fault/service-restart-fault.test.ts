// ServiceRestartFault with commands, and the commands of a systemd unit.

import { describe, expect, test } from "bun:test";
import { describeFault } from "../../describe-fault.suite.ts";
import { sceneContext } from "../../fault-scene.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { makeScene } from "./scene.suite.ts";
import { type ServiceRestartSpec, serviceCommands } from "./spec.ts";
import { serviceRestart } from "./worker.ts";

describeFault("ServiceRestartFault", makeScene);

function parse(fields: object) {
  const all = { class: "ServiceRestartFault", durationMs: 1, nodeNames: ["a"], ...fields };
  return parseTaskSpec(JSON.stringify(all));
}

describe("ServiceRestartFault", () => {
  test("runs systemctl for a unit", () => {
    const spec = parse({ unit: "kafka.service" }).spec as unknown as ServiceRestartSpec;
    expect(serviceCommands(spec)).toEqual({
      stop: ["systemctl", "stop", "kafka.service"],
      start: ["systemctl", "start", "kafka.service"],
      status: ["systemctl", "is-active", "--quiet", "kafka.service"],
    });
  });

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
