// For every fault: an agent that is killed at any moment of the fault's life leaves the node as it
// was, by its guard within 2 s, or, when the guard was killed too, at the next start.

import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FaultScene, MakeScene, SceneModule } from "../../src/tasks/fault-scene.suite.ts";
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
/** What is done in one act: a file is written, a process is killed, nft changes all or nothing. */
const noHalf: Readonly<Record<string, readonly Doom["moment"][]>> = {
  "files-unreadable-fault": ["half applied", "half undone"],
  "kibosh-fault": ["half applied", "half undone"],
  "network-fault by nft alone": ["half applied"],
  "process-kill-fault": ["half applied", "half undone"],
};
/** The next start does the same for all of them: it need not be tried for each. */
const momentsOfBoth: readonly Doom["moment"][] = ["half applied", "held"];
/** What differs between the ways in which one fault acts is how rules are set and removed. */
const momentsOfOthers: readonly Doom["moment"][] = ["half applied", "held", "half undone"];

/** A fault that can act in several ways is tried in each of them. */
const scenes: readonly (readonly [string, typeof moments, MakeScene])[] = folders.flatMap(
  (folder) => {
    const { makeScene, otherScenes } = sceneModule(folder);
    const others = Object.entries(otherScenes ?? {});
    return [
      [folder, moments, makeScene] as const,
      ...others.map(([how, make]) => [`${folder} ${how}`, momentsOfOthers, make] as const),
    ];
  },
);

function sceneModule(folder: string): SceneModule {
  return require(join(faultsFolder, folder, "scene.suite.ts")) as SceneModule;
}

const leftovers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const dispose of leftovers.splice(0)) await dispose();
});

async function sceneOf(make: MakeScene): Promise<FaultScene> {
  const scene = await make();
  leftovers.push(async () => await scene[Symbol.asyncDispose]());
  return scene;
}

function inside({ namespace }: FaultScene, command: readonly string[]): string[] {
  if (namespace === undefined) return [...command];
  // The scene may have a PATH without it.
  const enter = [Bun.which("nsenter") ?? "nsenter", `--net=/run/netns/${namespace.name}`];
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
    env: environment(scene),
  });
  return { exitCode: await child.exited, cleanUpCommand, journal: join(stateDir, "journal") };
}

function environment({ path }: FaultScene) {
  return path === undefined ? process.env : { ...process.env, PATH: path };
}

function entriesIn(journal: string): string[] {
  if (!existsSync(journal)) return [];
  return readdirSync(journal).filter((name) => name.endsWith(".undo.json"));
}

test.each(readdirSync(faultsFolder))(
  "%s has the tests that fail without apply or undo",
  (folder) => {
    const texts = readdirSync(join(faultsFolder, folder))
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => readFileSync(join(faultsFolder, folder, name), "utf8"));
    expect(texts.join("\n")).toMatch(/^describeFault\(/m);
  },
);

describe.each([...scenes])("%s", (name, momentsOfThis, makeScene) => {
  test(
    "is undone by the guard whenever the agent is killed",
    async () => {
      const scene = await sceneOf(makeScene);
      const before = await scene.picture();
      for (const moment of momentsOfThis) {
        const isInTime = await atBest(async () => {
          const { exitCode, journal } = await runDoomed(scene, { moment, killsGuard: false });
          const diedAtMs = performance.now();
          const isReached = noHalf[name]?.includes(moment) !== true;
          expect([moment, exitCode]).toEqual([moment, isReached ? killed : 0]);
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
      const scene = await sceneOf(makeScene);
      const before = await scene.picture();
      for (const moment of momentsOfBoth) {
        const { cleanUpCommand, journal } = await runDoomed(scene, { moment, killsGuard: true });
        if (moment === "held") {
          expect(entriesIn(journal).length).toBe(1);
          expect(await scene.picture()).not.toBe(before);
        }
        const next = Bun.spawnSync(inside(scene, cleanUpCommand), { env: environment(scene) });
        expect([next.exitCode, next.stderr.toString()]).toEqual([0, ""]);
        expect([moment, await scene.picture()]).toEqual([moment, before]);
        expect(entriesIn(journal)).toEqual([]);
      }
    },
    limitMs,
  );
});
