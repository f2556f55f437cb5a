// The parts of a daemon end in turn, once, whatever ended it and however many of them fail.

import { describe, expect, test } from "bun:test";
import { runningDaemon, startOrUndo } from "./running-daemon.ts";
import type { Ending } from "./shut-down.ts";

function parts(failing: readonly string[] = []) {
  const ended: string[] = [];
  const endings: Ending[] = ["store", "shell", "server"].map((name) => async () => {
    ended.push(name);
    if (failing.includes(name)) throw new Error(`the ${name} hangs`);
  });
  return { ended, endings };
}

describe("a running daemon", () => {
  test("ends its parts when its shell has ended, the last one first", async () => {
    const { ended, endings } = parts();
    await runningDaemon(Promise.resolve(), endings).ended;
    expect(ended).toEqual(["server", "shell", "store"]);
  });

  test("ends them once when it is told to stop", async () => {
    const { ended, endings } = parts();
    const shell = Promise.withResolvers<void>();
    const daemon = runningDaemon(shell.promise, endings);
    await daemon.stop();
    shell.resolve();
    await Promise.all([daemon.stop(), daemon.ended]);
    expect(ended).toEqual(["server", "shell", "store"]);
  });

  test("fails with what ended its shell, after all parts have ended", async () => {
    const { ended, endings } = parts(["server"]);
    const daemon = runningDaemon(Promise.reject(new Error("the disk is full")), endings);
    expect(daemon.ended).rejects.toThrow("the disk is full");
    await daemon.ended.catch(() => {});
    expect(ended).toHaveLength(3);
  });

  test("tries every part, and fails with the first failure", async () => {
    const { ended, endings } = parts(["server", "store"]);
    const daemon = runningDaemon(Promise.resolve(), endings);
    expect(daemon.ended).rejects.toThrow("the server hangs");
    await daemon.ended.catch(() => {});
    expect(ended).toEqual(["server", "shell", "store"]);
  });
});

describe("a daemon that cannot start", () => {
  test("ends what it had begun, and tells why it could not", async () => {
    const { ended, endings } = parts(["store"]);
    const start = startOrUndo(async (begun) => {
      begun.push(...endings.slice(0, 2));
      throw new Error("the port is taken");
    });
    expect(start).rejects.toThrow("the port is taken");
    await start.catch(() => {});
    expect(ended).toEqual(["shell", "store"]);
  });
});
