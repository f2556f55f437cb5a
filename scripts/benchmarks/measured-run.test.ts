// A measured run is held against real processes whose use is known.

import { describe, expect, test } from "bun:test";
import { atBest } from "../../test/support/at-best.ts";
import { identifyProcess, isAlive } from "../kafka-cluster/process-identity.ts";
import { measureRun } from "./measured-run.ts";

const unstopped = new AbortController().signal;
const options = { timeoutMs: 20_000, signal: unstopped };
const bun = [process.execPath, "--no-env-file", "-e"];

describe("a measured run", () => {
  test("counts the CPU time of a child's child", async () => {
    // On a busy machine it takes longer than 600 ms to use so much.
    const hasSpun = "Date.now() > end && process.cpuUsage().user > 300_000";
    const spin = `const end = Date.now() + 600; while (!(${hasSpun}));`;
    const parent = `Bun.spawnSync([process.execPath, "-e", "${spin}"])`;
    const run = await measureRun([...bun, parent], options);
    expect(run.exitCode).toBe(0);
    expect(run.processes).toBe(2);
    expect(run.cpuUserSeconds + run.cpuSystemSeconds).toBeGreaterThan(0.2);
    expect(run.wallMs).toBeGreaterThanOrEqual(600);
  });

  test("holds the memory of the process, not of this one", async () => {
    const hold = "const block = Buffer.alloc(150e6, 1); setTimeout(() => block.length, 500)";
    const large = await measureRun([...bun, hold], options);
    expect(large.pssPeakBytes).toBeGreaterThan(150e6);
    const small = await measureRun(["sleep", "0.4"], options);
    expect(small.pssPeakBytes).toBeGreaterThan(0);
    expect(small.rssPeakBytes).toBeLessThan(20e6);
  });

  test("keeps what was printed, and the exit code", async () => {
    const run = await measureRun(["sh", "-c", "echo out; echo err >&2; exit 3"], options);
    expect([run.stdout, run.stderr, run.exitCode]).toEqual(["out\n", "err\n", 3]);
  });

  test("ends a process that hangs after its result, and does not count the wait", async () => {
    const command = ["sh", "-c", "echo done; sleep 60"];
    const hang = { resultPattern: /^done$/m, exitAfterResultMs: 1_500 };
    const run = await atBest(
      async () => {
        const one = await measureRun(command, { ...options, ...hang });
        expect([one.wasEndedAfterResult, one.exitCode]).toEqual([true, 0]);
        return one;
      },
      ({ wallMs }) => wallMs < 1_500,
    );
    expect(run.wallMs).toBeLessThan(1_500);
  });

  test("ends the whole tree when it takes too long", async () => {
    const command = ["sh", "-c", "sleep 61 & echo $!; wait"];
    const run = await measureRun(command, { ...options, timeoutMs: 300 });
    expect(run.hasTimedOut).toBe(true);
    // One that nobody has waited for yet is dead all the same.
    const child = identifyProcess(Number(run.stdout));
    expect(child !== undefined && isAlive(child)).toBe(false);
  });

  test("that is interrupted ends the tree and says so", async () => {
    const controller = new AbortController();
    const running = measureRun(["sleep", "62"], { ...options, signal: controller.signal });
    controller.abort(new Error("stopped"));
    expect(running).rejects.toThrow("stopped");
    await running.catch(() => {});
  });
});
