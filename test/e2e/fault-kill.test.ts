// For every fault: an agent that is killed at any moment of the fault's life leaves the node as it
// was, by its guard within 2 s, or, when the guard was killed too, at the next start.

import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FaultScene, MakeScene } from "../../src/tasks/fault-scene.suite.ts";
import { atBest } from "../support/at-best.ts";
import { eventually } from "../support/daemon-process.ts";
import type { Doom } from "../support/doomed-fault.ts";
import { ourCommand } from "../support/trogdor-cluster.ts";

const root = join(import.meta.dir, "../..");
const faultsFolder = join(root, "src/tasks/faults");
/** The clock of the machine is everyone's: its fault is tried on a simulated one. */
const folders = readdirSync(faultsFolder).filter((folder) => folder !== "clock-skew-fault");
const limitMs = 180_000;
const withinMs = 20_000;
const undoneWithinMs = 2_000;
const killed = 137;

const moments: readonly Doom["moment"][] = [
  "planned",
  "journalled",
  "half applied",
  "applied",
  "held",
  "half undone",
  "undone",
];
/** The next start does the same for all of them: it need not be tried for each. */
const momentsOfBoth: readonly Doom["moment"][] = ["half applied", "held"];

const leftovers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const dispose of leftovers.splice(0)) await dispose();
});

async function makeScene(folder: string): Promise<FaultScene> {
  const module = (await import(join(faultsFolder, folder, "scene.suite.ts"))) as {
    makeScene: MakeScene;
  };
  const scene = await module.makeScene();
  leftovers.push(async () => await scene[Symbol.asyncDispose]());
  return scene;
}

function inside({ namespace }: FaultScene, command: readonly string[]): string[] {
  const enter = namespace === undefined ? [] : ["nsenter", `--net=/run/netns/${namespace.name}`];
  return [...enter, ...command];
}

/** Its exit code: 137 when it killed itself. */
async function runDoomed(scene: FaultScene, doom: Pick<Doom, "moment" | "killsGuard">) {
  const stateDir = mkdtempSync(join(tmpdir(), "trogdor-doomed-"));
  leftovers.push(async () => rmSync(stateDir, { recursive: true, force: true }));
  const cleanUpCommand = [...ourCommand(), "agent", "--cleanup", "--state-dir", stateDir];
  const { spec, node, nodes } = scene;
  const all: Doom = { stateDir, spec, node, nodes, cleanUpCommand, ...doom };
  const program = join(root, "test/support/doomed-fault.ts");
  const child = Bun.spawn(inside(scene, [process.execPath, program, JSON.stringify(all)]), {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { exitCode: await child.exited, cleanUpCommand, journal: join(stateDir, "journal") };
}

function entriesIn(journal: string): string[] {
  if (!existsSync(journal)) return [];
  return readdirSync(journal).filter((name) => name.endsWith(".undo.json"));
}

describe.each(folders)("%s", (folder) => {
  test(
    "is undone by the guard whenever the agent is killed",
    async () => {
      const scene = await makeScene(folder);
      const before = await scene.picture();
      for (const moment of moments) {
        const isInTime = await atBest(async () => {
          const { exitCode, journal } = await runDoomed(scene, { moment, killsGuard: false });
          const diedAtMs = performance.now();
          if (!moment.startsWith("half")) expect([moment, exitCode]).toEqual([moment, killed]);
          const isClean = async () =>
            (await scene.picture()) === before && entriesIn(journal).length === 0;
          const isUndone = await eventually(isClean, withinMs);
          const tookMs = performance.now() - diedAtMs;
          expect([moment, isUndone, await scene.picture()]).toEqual([moment, true, before]);
          return tookMs < undoneWithinMs;
        }, Boolean);
        expect([moment, isInTime]).toEqual([moment, true]);
      }
    },
    limitMs,
  );

  test(
    "is undone at the next start when agent and guard are killed together",
    async () => {
      const scene = await makeScene(folder);
      const before = await scene.picture();
      for (const moment of momentsOfBoth) {
        const { cleanUpCommand, journal } = await runDoomed(scene, { moment, killsGuard: true });
        if (moment === "held") {
          expect(entriesIn(journal).length).toBe(1);
          expect(await scene.picture()).not.toBe(before);
        }
        const next = Bun.spawnSync(inside(scene, cleanUpCommand));
        expect([next.exitCode, next.stderr.toString()]).toEqual([0, ""]);
        expect([moment, await scene.picture()]).toEqual([moment, before]);
        expect(entriesIn(journal)).toEqual([]);
      }
    },
    limitMs,
  );
});
