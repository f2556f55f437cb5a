// Workers in real child processes: good ones, and ones that die, spin, flood, do not listen, or
// flee.

import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import {
  processesMarked,
  seenProcess,
  until,
} from "../../../platform/processes/process-watch.suite.ts";
import { type ChildWorkerRunnerOptions, childWorkerRunner } from "./child-worker-runner.ts";
import { orderOf, recordedListener, sourceCommand, testBench } from "./test-runner.suite.ts";
import { workerLimits } from "./worker-limits.ts";

const bench = testBench();
const benchWithoutCgroups = testBench({ usesCgroups: false });
afterAll(async () => {
  await bench.processes.close();
  await benchWithoutCgroups.processes.close();
});

const quick = { ...workerLimits, stoppedGraceMs: 300, closeGraceMs: 200 };

function runnerOf(options: Partial<ChildWorkerRunnerOptions> = {}) {
  return childWorkerRunner({ ...bench, childCommand: sourceCommand, limits: quick, ...options });
}

/** A runner whose children are this shell script. */
function shellRunner(script: string, options: Partial<ChildWorkerRunnerOptions> = {}) {
  return runnerOf({ childCommand: ["sh", "-c", script], ...options });
}

function lastPid(): number {
  return bench.pids.at(-1) ?? 0;
}

const started = `read -r order; echo '{"started":true}';`;
const never = "while :; do sleep 1000; done";

describe("a worker in a child process", () => {
  test("starts, tells its status, and stops for the reason it is given", async () => {
    const listener = recordedListener();
    const worker = runnerOf({ limits: workerLimits }).start(orderOf("noop"), listener);
    await listener.hasStarted;
    worker.stop("expired");
    worker.stop("stopped");
    expect(await listener.error).toBe("");
    expect(listener.told).toEqual(["started", "status", "status", "ended"]);
    expect(listener.statuses).toEqual(["active", "done"]);
  });

  test("runs below the agent's priority, marked, without what its runtime would obey", async () => {
    process.env["BUN_OPTIONS"] = "--smol";
    const listener = recordedListener();
    const worker = runnerOf({ limits: workerLimits }).start(orderOf("env"), listener);
    delete process.env["BUN_OPTIONS"];
    await listener.hasStarted;
    const environment = readFileSync(`/proc/${lastPid()}/environ`, "utf8").split("\0");
    expect(environment.filter((line) => line.startsWith("BUN_OPTIONS"))).toEqual([]);
    expect(environment.filter((line) => line.startsWith("TROGDOR_WORKER="))).toHaveLength(1);
    const stat = readFileSync(`/proc/${lastPid()}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    const [, , group, session] = stat;
    expect([group, session, stat[16]]).toEqual([String(lastPid()), String(lastPid()), "5"]);
    worker.stop("stopped");
    await listener.error;
  });

  test("comes in twenties", async () => {
    const runner = runnerOf({ limits: workerLimits });
    const listeners = Array.from({ length: 20 }, recordedListener);
    const workers = listeners.map((listener, index) =>
      runner.start(orderOf(`many-${index}`), listener),
    );
    await Promise.all(listeners.map(({ hasStarted }) => hasStarted));
    for (const worker of workers) worker.stop("stopped");
    expect(new Set(await Promise.all(listeners.map(({ error }) => error)))).toEqual(new Set([""]));
  });

  test("tells a failure in its own words", async () => {
    const listener = recordedListener();
    runnerOf().start(
      orderOf("bad", '{"class":"ProduceBench","durationMs":1000,"activeTopics":{"a[3-1]":{}}}'),
      listener,
    );
    const error = await listener.error;
    expect(error).toContain("Invalid range");
    expect(listener.told.filter((told) => told === "ended")).toHaveLength(1);
  });
});

describe("a child that", () => {
  test("is killed is reported once, with the signal and its last words", async () => {
    const listener = recordedListener();
    shellRunner(`${started} echo "out of luck" >&2; ${never}`).start(orderOf("killed"), listener);
    await listener.hasStarted;
    await until("its words", () =>
      bench.log.events.some(({ fields }) => fields["taskId"] === "killed"),
    );
    process.kill(lastPid(), "SIGKILL");
    expect(await listener.error).toBe(
      "the worker process was killed by SIGKILL; its last words: out of luck",
    );
    expect(listener.told).toEqual(["started", "ended"]);
  });

  test("exits is reported with its code", async () => {
    const listener = recordedListener();
    shellRunner("echo one >&2; echo two >&2; exit 7").start(orderOf("exit"), listener);
    expect(await listener.error).toBe(
      "the worker process ended with exit code 7; its last words: one | two",
    );
  });

  test("cannot be started is reported", async () => {
    const listener = recordedListener();
    runnerOf({ childCommand: ["/no/such/trogdor"] }).start(orderOf("missing"), listener);
    expect(await listener.error).toBe(
      'the worker process could not be started: Cannot run program "/no/such/trogdor": ' +
        "error=2, No such file or directory",
    );
  });

  test("never lets its event loop turn is killed when it does not react to its stop", async () => {
    const script = `console.log('{"started":true}'); for (;;);`;
    const listener = recordedListener();
    const limits = { ...quick, reactionMs: 200 };
    const runner = runnerOf({ childCommand: [process.execPath, "-e", script], limits });
    const worker = runner.start(orderOf("spin"), listener);
    await listener.hasStarted;
    worker.stop("expired");
    expect(await listener.error).toBe(
      "the worker did not react to its stop within 0.2 s and was killed",
    );
  });

  test("reacts to its stop but does not end is killed after its grace", async () => {
    const script = `trap "" TERM; ${started} read -r stop; echo '{"stopping":true}'; ${never}`;
    const listener = recordedListener();
    const worker = shellRunner(script).start(orderOf("deaf"), listener);
    await listener.hasStarted;
    worker.stop("stopped");
    expect(await listener.error).toBe(
      "the worker did not end within 0.3 s of its stop and was killed",
    );
  });

  test("has less time when somebody stops it after it has expired", async () => {
    const script = `trap "" TERM; ${started} read -r stop; echo '{"stopping":true}'; ${never}`;
    const listener = recordedListener();
    const limits = { ...quick, expiredGraceMs: 60_000 };
    const worker = shellRunner(script, { limits }).start(orderOf("late"), listener);
    await listener.hasStarted;
    worker.stop("expired");
    worker.stop("stopped");
    expect(await listener.error).toBe(
      "the worker did not end within 0.3 s of its stop and was killed",
    );
  });

  test("floods its output costs the agent neither memory nor its turn", async () => {
    const line = `{"status":"${"x".repeat(1000)}"}`;
    const listener = recordedListener();
    const worker = shellRunner(`${started} exec yes '${line}'`).start(orderOf("flood"), listener);
    await listener.hasStarted;
    const before = process.memoryUsage.rss();
    // Of this process's own time: a machine that stalls costs no turn.
    let longestTurnUs = 0;
    let last = process.cpuUsage();
    const written = () => {
      const { user, system } = process.cpuUsage(last);
      longestTurnUs = Math.max(longestTurnUs, user + system);
      last = process.cpuUsage();
      return listener.statuses.length >= 8;
    };
    await until("eight statuses", written);
    worker.stop("stopped");
    await listener.error;
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
    expect(longestTurnUs).toBeLessThan(1_000_000);
    // At its own speed it would have told a million.
    expect(listener.statuses.length).toBeLessThan(400);
  });

  test("writes a line without end is told to nobody, and kept by nobody", async () => {
    const listener = recordedListener();
    const script = `${started} head -c 2500000 /dev/zero | tr '\\0' 'x'; echo; exit 0`;
    shellRunner(script).start(orderOf("long"), listener);
    expect(await listener.error).toBe("");
    const dropped = bench.log.events.filter(({ fields }) => fields["taskId"] === "long");
    expect(dropped.map(({ event }) => event)).toEqual([
      "A line of a worker was too long and was dropped",
    ]);
  });
});

describe.each([
  ["with cgroups", bench],
  ["without cgroups", benchWithoutCgroups],
])("a child that starts something, %s,", (where, { processes }) => {
  test.each([
    ["stays in its group", "sleep 1000 &"],
    ["calls setsid", "setsid sleep 1000 &"],
    ["forks twice", "(setsid sh -c 'sleep 1000 & exec sleep 1001' &) ; sleep 0.1;"],
    ["closes all it has", "setsid sleep 1000 </dev/null >/dev/null 2>&1 &"],
  ])("takes it with it when it %s", async (name, command) => {
    const mark = `MARK=${`${name} ${where} ${process.pid}`.replaceAll(" ", "-")}`;
    const listener = recordedListener();
    const script = `export ${mark}; ${command} ${started} ${never}`;
    const worker = shellRunner(script, { processes }).start(orderOf(name), listener);
    await listener.hasStarted;
    await until("it has started it", () => processesMarked(mark).length >= 2);
    worker.stop("stopped");
    await listener.error;
    expect(processesMarked(mark)).toEqual([]);
  });
});

describe("the runner", () => {
  test("ends all workers when it is closed", async () => {
    const runner = shellRunner(`trap "" TERM; ${started} ${never}`);
    const listeners = [recordedListener(), recordedListener()];
    for (const listener of listeners) runner.start(orderOf("closed"), listener);
    await Promise.all(listeners.map(({ hasStarted }) => hasStarted));
    const pids = bench.pids.slice(-2);
    await runner.close();
    expect(pids.map(seenProcess)).toEqual([undefined, undefined]);
    expect(listeners.map(({ told }) => told.at(-1))).toEqual(["ended", "ended"]);
  });
});
