// This process's side of the guard, with the real guard: whatever becomes of it, somebody watches
// the faults.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../log/log.ts";
import { realNativePrograms } from "../native-programs/real-native-programs.ts";
import { bootTimeUs } from "../undo-journal/undo-owner.ts";
import { childEnvironment } from "./child-environment.ts";
import { type GuardLink, linkGuard } from "./guard-link.ts";
import { isAlive, seenProcess, until } from "./process-watch.suite.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trogdor-link-"));
});
afterEach(() => {
  for (const guard of guards()) process.kill(guard.pid, "SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Those of this process. */
function guards() {
  const text = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
  const children = text.trim().split(" ").map(Number);
  return children
    .flatMap((pid) => (pid === 0 ? [] : (seenProcess(pid) ?? [])))
    .filter(({ name }) => name === "trogdor-guard");
}

interface Scene {
  readonly link: GuardLink;
  readonly program: string;
  /** Is there once a clean-up has run. */
  readonly cleanedUp: string;
  readonly said: string[];
  killGuard(): void;
}

async function scene(): Promise<Scene> {
  const program = join(folder, "trogdor-guard");
  copyFileSync(realNativePrograms().pathOf("guard"), program);
  const cleanedUp = join(folder, "cleaned-up");
  const said: string[] = [];
  const note = (event: string) => void said.push(event);
  const link = linkGuard({
    program,
    cgroup: undefined,
    cleanUpCommand: ["touch", cleanedUp],
    environment: childEnvironment(process.env, {}),
    log: { ...silentLog, warn: note, error: note },
  });
  await until("the guard stands", () => guards().length === 1);
  const killGuard = () => process.kill(guards()[0]!.pid, "SIGKILL");
  return { link, program, cleanedUp, said, killGuard };
}

const startedAgain = "The guard of the workers ended and was started again";
const cannotStart = "The guard of the workers ended and cannot be started";

describe("the link to the guard", () => {
  test("tells the next guard of the faults when one is killed", async () => {
    const { link, cleanedUp, said, killGuard } = await scene();
    link.watchFault("one", bootTimeUs() + 500_000);
    killGuard();
    await until("another guard stands", () => said.includes(startedAgain));
    await until("the fault is cleaned up", () => existsSync(cleanedUp));
    link.forgetFault("one");
    await link.close();
  });

  test("lets no fault begin without a guard, and finds one when there can be one", async () => {
    const { link, program, said, killGuard } = await scene();
    rmSync(program);
    killGuard();
    await until("there is no guard", () => said.includes(cannotStart));
    expect(() => link.watchFault("one", bootTimeUs())).toThrow(
      "faults need a guard, and none can be started",
    );
    copyFileSync(realNativePrograms().pathOf("guard"), program);
    await until("a guard stands again", () => said.includes(startedAgain));
    link.watchFault("one", bootTimeUs() + 60_000_000);
    link.forgetFault("one");
    await link.close();
    expect(guards()).toEqual([]);
  });

  test("leaves the guard there when it is closed with a fault in force", async () => {
    const { link } = await scene();
    link.watchFault("one", bootTimeUs() + 60_000_000);
    await link.close();
    expect(guards().filter(isAlive).length).toBe(1);
  });
});
