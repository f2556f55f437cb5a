// What a task tells of its faults, on a mount of the real file system.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readStatus } from "../../../kibosh/mounted.ts";
import {
  type MountedFolder,
  mountFolder,
  run,
  until,
} from "../../../kibosh/mounted-folder.suite.ts";
import { silentLog } from "../../platform/log/log.ts";
import type { Figures } from "../define-fault.ts";
import type { FaultHost, StatusJson, WorkerContext } from "../define-task.ts";
import { faultWorker } from "../fault-runner.ts";
import { sceneContext } from "../fault-scene.suite.ts";
import { parseTaskSpec } from "../parse-task-spec.ts";

let mount: MountedFolder;
beforeAll(async () => {
  mount = await mountFolder({
    remount: true,
    prepare: (target) => writeFile(join(target, "data"), "content"),
  });
});
afterAll(async () => await mount[Symbol.asyncDispose]());

const running: AbortController[] = [];
afterEach(() => {
  for (const stop of running.splice(0)) stop.abort("stopped");
});

interface Running {
  readonly stop: AbortController;
  readonly statuses: StatusJson[];
  /** The error's text, "" without one. */
  readonly ended: Promise<string>;
  last(): Figures;
}

/** Runs the task until it is stopped; resolves when its faults are in force. */
async function start(fields: object): Promise<Running> {
  const all = { durationMs: 60_000, nodeNames: ["a"], mountPath: mount.mirror };
  const { taskType, spec } = parseTaskSpec(JSON.stringify({ ...all, ...fields }));
  const node = sceneContext({ node: "a", nodes: { a: "192.0.2.1" } } as never);
  const stop = new AbortController();
  const statuses: StatusJson[] = [];
  const inForce = Promise.withResolvers<void>();
  const nothing = async () => {};
  const faultHost = {
    node,
    journal: { write: nothing, remove: nothing, stands: async () => true },
    bootTimeUs: () => 0,
  } as unknown as FaultHost;
  const context = {
    ...node,
    log: silentLog,
    signal: stop.signal,
    report: (status: StatusJson) => void statuses.push(status),
    started: inForce.resolve,
    faultHost,
  } as unknown as WorkerContext;
  const worker = faultWorker(async () => await taskType.loadFault!());
  const ended = worker(spec as never, context).then(
    () => "",
    (error: Error) => error.message,
  );
  running.push(stop);
  await Promise.race([inForce.promise, ended]);
  return { stop, statuses, ended, last: () => statuses.at(-1) as Figures };
}

const unreadable = { type: "unreadable", prefix: "/data", code: 5 };

describe("a task with faults on a mount", () => {
  test("tells how many operations each of them matched, to its end", async () => {
    const delay = { type: "write_delay", prefix: "/", delay_ms: 1, fraction: 1 };
    const task = await start({ class: "KiboshFault", faults: [unreadable, delay] });
    await run("cat", join(mount.mirror, "data"));
    task.stop.abort("stopped");
    expect(await task.ended).toBe("");
    const { applied } = lastCounts(task)!;
    expect(applied).toBeGreaterThan(0);
    expect(task.last()).toEqual({
      state: "Removed fault scene",
      faults: [
        { type: "unreadable", matched: applied, applied },
        { type: "write_delay", matched: 0, applied: 0 },
      ],
    });
  });

  test("keeps its counts when somebody else adds a fault", async () => {
    const task = await start({ class: "FilesUnreadableFault", prefix: "/data", errorCode: 5 });
    await run("cat", join(mount.mirror, "data"));
    await until(async () => (lastCounts(task)?.applied ?? 0) > 0, "a count");
    const before = lastCounts(task)!.applied;
    const other = await start({ class: "KiboshFault", faults: [{ type: "read_only" }] });
    await run("cat", join(mount.mirror, "data"));
    other.stop.abort("stopped");
    expect(await other.ended).toBe("");
    task.stop.abort("stopped");
    expect(await task.ended).toBe("");
    expect(lastCounts(task)?.applied).toBe(2 * before);
  });

  test("loses at its time what is not synced", async () => {
    // Tracked before the task begins, so that the file is there in time on any machine.
    await mount.faults({ type: "lose_unsynced", prefix: "/late" });
    await appendFile(join(mount.mirror, "late"), "never synced");
    const task = await start({ class: "KiboshFault", faults: [unreadable], crashAfterMs: 500 });
    await until(async () => JSON.stringify(task.last()).includes("crash"), "the crash");
    task.stop.abort("stopped");
    expect(await task.ended).toBe("");
    const { lastCrash } = await readStatus(mount.mirror);
    const crash = { id: lastCrash, atMs: expect.any(Number), files: 1, entries: 1, handles: 0 };
    expect(task.last()["crash"]).toEqual(crash);
    await expect(readFile(join(mount.mirror, "late"))).rejects.toThrow("ENOENT");
    await mount.set("{}");
  });

  test("fails when its crash is refused", async () => {
    const task = await start({ class: "KiboshFault", faults: [unreadable], crashAfterMs: 0 });
    expect(await task.ended).toContain("crash: nothing is tracked");
  });

  test.each([
    ["KiboshFault", { faults: [unreadable] }],
    ["FilesUnreadableFault", { prefix: "/data", errorCode: 5 }],
  ])("fails when the file system was killed, also right before its end: %s", async (name, more) => {
    const task = await start({ class: name, ...more });
    const before = await readStatus(mount.mirror);
    process.kill(before.pid, "SIGKILL");
    await until(async () => {
      const now = await readStatus(mount.mirror).catch(() => before);
      return now.instance !== before.instance;
    }, "another instance");
    task.stop.abort("expired");
    expect(await task.ended).toBe(
      `the fault is no longer in force: expected the file system at ${mount.mirror} to run on, ` +
        "found it started again, without faults",
    );
  });
});

interface Counts {
  readonly matched: number;
  readonly applied: number;
}

function lastCounts(task: Running): Counts | undefined {
  return ((task.last()["faults"] ?? []) as unknown as readonly Counts[])[0];
}
