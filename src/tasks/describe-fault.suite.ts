// What every fault owes, on a real node: run by the test of each fault over its scene. The suite
// turns on itself as well: with an apply or an undo that does nothing it must fail.

import { afterEach, describe, expect, test } from "bun:test";
import { silentLog } from "../platform/log/log.ts";
import { realNativePrograms } from "../platform/native-programs/real-native-programs.ts";
import { type RealProcesses, realProcesses } from "../platform/processes/real-processes.ts";
import type { UndoJournal } from "../platform/undo-journal/undo-journal.ts";
import type { AnyFault, FaultContext, FaultNode } from "./define-fault.ts";
import { faultWorker } from "./fault-runner.ts";
import { type FaultScene, type MakeScene, sceneContext } from "./fault-scene.suite.ts";
import { countedNode } from "./interrupted-node.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "./parse-task-spec.ts";

/** Tries of a fault that is interrupted, one after each of its first changes. */
const interruptionsMax = 8;

interface Stage extends AsyncDisposable {
  readonly fault: AnyFault;
  readonly spec: unknown;
  readonly scene: FaultScene;
  readonly context: FaultContext;
  /** What has to be put back whatever the test found. */
  plan: unknown;
}

export function describeFault(name: string, makeScene: MakeScene): void {
  const stages: Stage[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage[Symbol.asyncDispose]();
  });
  const stageOf = async () => {
    const stage = await setUp(makeScene);
    stages.push(stage);
    return stage;
  };

  describe(`${name} as every fault`, () => {
    test("plans without any change, in words", async () => {
      await plansOnly(await stageOf());
    });

    test("is in force between apply and undo, and leaves the node as it was", async () => {
      await lives(await stageOf());
    });

    test("fails this test when its apply does nothing", async () => {
      const stage = await stageOf();
      const broken = { ...stage, fault: { ...stage.fault, apply: async () => {} } };
      await expect(lives(broken)).rejects.toThrow();
    });

    test("fails this test when its undo does nothing", async () => {
      const stage = await stageOf();
      const broken = { ...stage, fault: { ...stage.fault, undo: async () => {} } };
      await expect(lives(broken)).rejects.toThrow();
      stage.plan = broken.plan;
    });

    test("fails its task with a sentence when it has no effect", async () => {
      await failsWithoutEffect(await stageOf());
    });

    test("notices that its effect was removed", async () => {
      await noticesRemoval(await stageOf());
    });

    test("is undone wherever it was interrupted", async () => {
      await survivesInterruption(await stageOf());
    });

    test("is done when what it changed has vanished", async () => {
      const stage = await stageOf();
      await apply(stage);
      await stage.scene.vanish();
      await stage.fault.undo(stage.plan, stage.context);
      await stage.fault.undo(stage.plan, stage.context);
    });
  });
}

async function setUp(makeScene: MakeScene): Promise<Stage> {
  const scene = await makeScene();
  const processes: RealProcesses = realProcesses({
    nativePrograms: realNativePrograms(),
    log: silentLog,
    lowersPriority: false,
  });
  const { taskType, spec } = parseTaskSpec(JSON.stringify(scene.spec));
  expect(await checkTaskSpec(taskType, spec)).toEqual([]);
  const fault = await taskType.loadFault!();
  const context = { ...sceneContext(scene, processes), nativePrograms: realNativePrograms() };
  const stage: Stage = {
    fault,
    spec,
    scene,
    context,
    plan: undefined,
    async [Symbol.asyncDispose]() {
      if (stage.plan !== undefined) await fault.undo(stage.plan, context);
      await processes.close();
      await scene[Symbol.asyncDispose]();
    },
  };
  return stage;
}

/** A plan stands in the journal as JSON. */
async function apply(stage: Stage): Promise<void> {
  const plan = await stage.fault.plan(stage.spec, stage.context);
  stage.plan = JSON.parse(JSON.stringify(plan));
  await stage.fault.apply(stage.plan, stage.context);
}

async function plansOnly(stage: Stage): Promise<void> {
  const before = await stage.scene.picture();
  const plan = await stage.fault.plan(stage.spec, stage.context);
  const steps = stage.fault.steps(JSON.parse(JSON.stringify(plan)));
  for (const lines of [steps.targets, steps.apply, steps.undo]) expect(lines).not.toBeEmpty();
  expect(await stage.scene.picture()).toBe(before);
  expect(await stage.fault.probe(plan, stage.context)).not.toBe("");
}

async function lives(stage: Stage): Promise<void> {
  const { fault, context, scene } = stage;
  const before = await scene.picture();
  await apply(stage);
  expect(await fault.probe(stage.plan, context)).toBe("");
  expect(await scene.picture()).not.toBe(before);
  await fault.undo(stage.plan, context);
  expect(await scene.picture()).toBe(before);
  await fault.undo(stage.plan, context);
  expect(await scene.picture()).toBe(before);
}

async function failsWithoutEffect({ fault, spec, scene, context }: Stage): Promise<void> {
  const before = await scene.picture();
  const worker = faultWorker(async () => ({ ...fault, apply: async () => {} }));
  const running = worker(spec, {
    ...context,
    signal: new AbortController().signal,
    report: () => {},
    reportHistogram: () => {},
    randomUuid: () => crypto.randomUUID(),
    faultHost: { node: context, journal: forgetfulJournal, bootTimeUs: () => 0 },
  });
  await expect(running).rejects.toThrow(/^the fault has no effect: expected .+ (found|but) .+/);
  expect(await scene.picture()).toBe(before);
}

const forgetfulJournal: UndoJournal = {
  write: async () => {},
  remove: async () => {},
  markUndone: async () => {},
  stands: async () => true,
  entries: async () => [],
  problems: async () => [],
};

async function noticesRemoval(stage: Stage): Promise<void> {
  const { fault, context, scene } = stage;
  const before = await scene.picture();
  await apply(stage);
  expect(await fault.probe(stage.plan, context)).toBe("");
  await scene.removeEffect();
  expect(await fault.probe(stage.plan, context)).not.toBe("");
  await fault.undo(stage.plan, context);
  expect(await scene.picture()).toBe(before);
}

async function survivesInterruption(stage: Stage): Promise<void> {
  const { fault, context, scene } = stage;
  const before = await scene.picture();
  for (let allowed = 0; allowed <= interruptionsMax; allowed += 1) {
    stage.plan = await fault.plan(stage.spec, context);
    const node: FaultNode = countedNode(context, (count) => {
      if (count > allowed) throw new Error("interrupted");
    });
    const isWhole = await fault.apply(stage.plan, node).then(
      () => true,
      () => false,
    );
    await fault.undo(stage.plan, context);
    expect(await scene.picture()).toBe(before);
    if (isWhole) return;
  }
}
