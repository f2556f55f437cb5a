// Whatever kills the agent, nothing of its workers is left, and then the clean-up command runs.

import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isAlive,
  processesMarked,
  type SeenProcess,
  seenProcess,
  until,
} from "./process-watch.suite.ts";

const PARENT = join(import.meta.dir, "doomed-parent.suite.ts");
/** What the parent's workers are made of when all are there, shells and sleeps. */
const WORKER_PROCESSES = 11;

interface Agent {
  readonly pid: number;
  readonly guard: SeenProcess;
  readonly workers: readonly SeenProcess[];
  /** Is there once the clean-up command has run. */
  readonly cleanUpFile: string;
  readonly input: { write(text: string): void; flush(): void };
  readonly exited: Promise<number>;
  /** Resolves when it has said something: that there is another guard. */
  nextOutput(): Promise<unknown>;
}

const leftovers: (() => void)[] = [];
afterEach(() => {
  for (const remove of leftovers.splice(0)) remove();
});

/** In a process group of its own, as a shell starts a daemon. */
async function startAgent(cgroups: string): Promise<Agent> {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-death-"));
  const mark = `MARK=${folder}`;
  const cleanUpFile = join(folder, "cleaned-up");
  const parent = Bun.spawn([process.execPath, PARENT, cgroups, "touch", cleanUpFile], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, MARK: folder },
  });
  leftovers.push(() => {
    if (parent.exitCode === null) parent.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const guardOf = () => processesMarked(mark).find(({ name }) => name === "trogdor-guard");
  const workersOf = () =>
    processesMarked(mark).filter(
      ({ pid, name }) =>
        pid !== parent.pid && (name === "sh" || name === "sleep" || name === "yes"),
    );
  await until("all workers run", () => {
    const workers = workersOf();
    return guardOf() !== undefined && workers.length >= WORKER_PROCESSES;
  });
  const guard = guardOf();
  if (guard === undefined) throw new Error("the guard has gone");
  const { pid, stdin: input, exited } = parent;
  const nextOutput = () => parent.stdout.getReader().read();
  return { pid, guard, workers: workersOf(), cleanUpFile, input, exited, nextOutput };
}

const deaths: readonly [string, (agent: Agent) => void][] = [
  ["it is killed alone", ({ pid }) => process.kill(pid, "SIGKILL")],
  ["its process group is killed", ({ pid }) => process.kill(-pid, "SIGKILL")],
  [
    "the guard has heard every signal that can be ignored",
    ({ pid, guard }) => {
      for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.kill(guard.pid, signal);
      process.kill(pid, "SIGKILL");
    },
  ],
];

describe.each(["cgroups", "no cgroups"])("nothing is left of the workers, with %s,", (cgroups) => {
  test.each(deaths)("when %s", async (_, die) => {
    const agent = await startAgent(cgroups);
    die(agent);
    await until("all workers are gone", () => !agent.workers.some(isAlive));
    await until("the guard is gone", () => !isAlive(agent.guard));
    expect(existsSync(agent.cleanUpFile)).toBe(true);
  });

  test("when it ends in good order, and nothing is cleaned up", async () => {
    const agent = await startAgent(cgroups);
    agent.input.write("end\n");
    agent.input.flush();
    expect(await agent.exited).toBe(0);
    expect([agent.guard, ...agent.workers].filter(isAlive)).toEqual([]);
    expect(existsSync(agent.cleanUpFile)).toBe(false);
  });

  test("when the guard was killed before, and had to be started again", async () => {
    const agent = await startAgent(cgroups);
    process.kill(agent.guard.pid, "SIGKILL");
    await agent.nextOutput();
    await until("there is another guard", () => guardOfParent(agent.pid) !== undefined);
    const guard = guardOfParent(agent.pid);
    process.kill(agent.pid, "SIGKILL");
    await until("all workers are gone", () => !agent.workers.some(isAlive));
    await until("the clean-up has run", () => existsSync(agent.cleanUpFile));
    await until("the guard is gone", () => guard !== undefined && !isAlive(guard));
  });
});

function guardOfParent(parentPid: number): SeenProcess | undefined {
  const text = readFileSync(`/proc/${parentPid}/task/${parentPid}/children`, "utf8");
  return text
    .split(" ")
    .map(Number)
    .flatMap((pid) => seenProcess(pid) ?? [])
    .find(({ name }) => name === "trogdor-guard");
}

describe("the guard", () => {
  test("is small, stands apart and holds nothing but its pipes", async () => {
    const { guard, pid } = await startAgent("cgroups");
    const status = readFileSync(`/proc/${guard.pid}/status`, "utf8");
    const residentKb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    const stat = readFileSync(`/proc/${guard.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    expect(residentKb).toBeLessThan(3000);
    expect([stat[2], stat[3]]).toEqual([String(guard.pid), String(guard.pid)]);
    expect(readdirSync(`/proc/${guard.pid}/fd`)).toEqual(["0", "1", "2"]);
    process.kill(pid, "SIGKILL");
    await until("the guard is gone", () => !isAlive(guard));
  });
});
