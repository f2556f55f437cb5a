// ProcessKillFault on processes of the test itself.

import { afterEach, describe, expect, test } from "bun:test";
import type { FaultContext } from "../../define-fault.ts";
import { describeFault } from "../../describe-fault.suite.ts";
import { type FaultScene, sceneContext } from "../../fault-scene.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { startedAs, startVictim, type Victim } from "../../victim.suite.ts";
import { makeScene } from "./scene.suite.ts";
import { processKill } from "./worker.ts";

describeFault("ProcessKillFault", makeScene);

const leftovers: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of leftovers.splice(0)) await one[Symbol.asyncDispose]();
});

async function victim(beside?: Victim): Promise<Victim> {
  const options = beside === undefined ? {} : { beside };
  const one = await startVictim({ asJvm: false, ...options });
  leftovers.push(one);
  return one;
}

function parse(fields: object) {
  const all = { class: "ProcessKillFault", durationMs: 1, nodeNames: ["a"], ...fields };
  return parseTaskSpec(JSON.stringify(all));
}

async function scene(): Promise<{ scene: FaultScene; context: FaultContext; mark: string }> {
  const made = await makeScene();
  leftovers.push(made);
  const mark = String(made.spec["command"]).split(" ")[1]!;
  return { scene: made, context: sceneContext(made), mark };
}

describe("ProcessKillFault", () => {
  test("kills nobody when more match than it may", async () => {
    const first = await victim();
    const second = await victim(first);
    const { context } = await scene();
    const plan = processKill.plan(parse({ command: first.mark }).spec, context);
    await expect(plan).rejects.toThrow(/matches 2 processes, more than maxMatches \(1\): \d+ \(/);
    const both = await processKill.plan(
      parse({ command: first.mark, maxMatches: 2 }).spec,
      context,
    );
    await processKill.apply(both, context);
    expect([await first.state(), await second.state()]).toEqual(["gone", "gone"]);
  });

  test("kills again and again what was started again, and counts", async () => {
    const { scene: made, context, mark } = await scene();
    const { spec } = parse({ ...made.spec, intervalMs: 100 });
    const plan = await processKill.plan(spec, context);
    await processKill.apply(plan, context);
    const ending = new AbortController();
    await processKill.during!(plan, context, {
      signal: ending.signal,
      tell: () => {},
      report(status) {
        if (status === `sent SIGKILL to sleep ${mark}, 3 times`) ending.abort();
      },
    });
    await processKill.undo(plan, context);
    expect((await startedAs(mark)).length).toBe(1);
  });

  test("says that a signal did not end the process", async () => {
    const { context, mark } = await scene();
    const plan = await processKill.plan(parse({ command: mark }).spec, context);
    expect(await processKill.probe(plan, context)).toContain("to be gone after SIGKILL");
  });

  test("says that the restart command failed", async () => {
    const { context, mark } = await scene();
    const restartCommand = ["sh", "-c", "echo no such service >&2; exit 3"];
    const plan = await processKill.plan(parse({ command: mark, restartCommand }).spec, context);
    await processKill.apply(plan, context);
    await expect(processKill.undo(plan, context)).rejects.toThrow("failed: no such service");
  });

  test("says that nothing matches", async () => {
    const { context } = await scene();
    const plan = processKill.plan(parse({ command: "no such program 5123" }).spec, context);
    await expect(plan).rejects.toThrow('command: "no such program 5123" matches no process');
  });

  test.each([
    [{ command: "" }, "command"],
    [{ command: "x", maxMatches: 0 }, "maxMatches"],
    [{ command: "x", intervalMs: 10 }, "intervalMs"],
  ])("is refused for %j", async (fields, path) => {
    const { taskType, spec } = parse(fields);
    const problems = await checkTaskSpec(taskType, spec);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
  });
});
