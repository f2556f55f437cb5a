// Only the very process that was recorded is ever signalled; the processes here are real ones.

import { describe, expect, test } from "bun:test";
import {
  endProcess,
  identifyProcess,
  isAlive,
  isPaused,
  type ProcessIdentity,
  signalProcess,
  waitForExit,
} from "./process-identity.ts";

function startSleeper(): ProcessIdentity {
  const child = Bun.spawn(["sleep", "60"], { stdio: ["ignore", "ignore", "ignore"] });
  return identifyProcess(child.pid) as ProcessIdentity;
}

describe("a process identity", () => {
  test("is not another process that was given the same pid", async () => {
    const sleeper = startSleeper();
    const predecessor = { ...sleeper, startTicks: sleeper.startTicks - 1 };
    expect(isAlive(predecessor)).toBe(false);
    expect(signalProcess(predecessor, "SIGKILL")).toBe(false);
    await endProcess(predecessor, 0);
    expect(isAlive(sleeper)).toBe(true);
    await endProcess(sleeper, 0);
    expect(isAlive(sleeper)).toBe(false);
  });

  test("tells when its process is paused, and a paused one is ended without grace", async () => {
    const sleeper = startSleeper();
    signalProcess(sleeper, "SIGSTOP");
    while (!isPaused(sleeper)) await Bun.sleep(1);
    await endProcess(sleeper, 60_000);
    expect(isAlive(sleeper)).toBe(false);
  });

  test("does not wait longer than asked for a process that stays", async () => {
    const sleeper = startSleeper();
    expect(await waitForExit(sleeper, 30)).toBe(false);
    await endProcess(sleeper, 1_000);
  });
});
