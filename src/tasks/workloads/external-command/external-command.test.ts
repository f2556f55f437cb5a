// What ExternalCommand makes of programs that are good, bad and worse: in simulated time where the
// program is a function, with real shells and the examples of the docs where it is not.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../platform/clock/clock.ts";
import { realClock } from "../../../platform/clock/real-clock.ts";
import { createSimulatedClock } from "../../../platform/clock/simulated-clock.ts";
import { type RecordedLog, recordedLog } from "../../../platform/log/recorded-log.ts";
import { realNativePrograms } from "../../../platform/native-programs/real-native-programs.ts";
import type { Processes } from "../../../platform/processes/processes.ts";
import { realProcesses } from "../../../platform/processes/real-processes.ts";
import {
  type SimulatedProgram,
  simulatedProcesses,
} from "../../../platform/processes/simulated-processes.ts";
import type { StatusJson, StopReason, WorkerContext } from "../../define-task.ts";
import { canonicalTaskSpec, parseTaskSpec, prettyTaskSpec } from "../../parse-task-spec.ts";
import { externalCommand } from "./index.ts";
import type { ExternalCommandSpec } from "./spec.ts";
import { externalCommandWorker } from "./worker.ts";

interface GoldenCase {
  readonly name: string;
  readonly input: string;
  readonly normalized?: string;
  readonly pretty?: string;
  readonly error?: string;
}

const root = join(import.meta.dir, "../../../..");
const golden: readonly GoldenCase[] = JSON.parse(
  readFileSync(join(root, "test/golden/external-commands.golden.json"), "utf8"),
);

function specOf(fields: object): ExternalCommandSpec {
  const text = JSON.stringify({ class: "ExternalCommand", durationMs: 1000, ...fields });
  return parseTaskSpec(text).spec as ExternalCommandSpec;
}

interface Run {
  readonly statuses: StatusJson[];
  readonly log: RecordedLog;
  /** Resolves with the error, "" when it succeeded. */
  readonly ended: Promise<string>;
  stop(reason?: StopReason): void;
}

function run(spec: ExternalCommandSpec, processes: Processes, clock: Clock): Run {
  const statuses: StatusJson[] = [];
  const log = recordedLog();
  const stopping = new AbortController();
  const context = {
    taskId: "task0",
    signal: stopping.signal,
    clock,
    log,
    processes,
    report: (status: StatusJson) => statuses.push(status),
  } as unknown as WorkerContext;
  const ended = externalCommandWorker(spec, context).then(
    () => "",
    (error: Error) => error.message,
  );
  return { statuses, log, ended, stop: (reason = "expired") => stopping.abort(reason) };
}

function simulated(program: SimulatedProgram, fields: object = {}, clock = createSimulatedClock()) {
  const processes = simulatedProcesses(() => program);
  return {
    ...run(specOf({ command: ["program"], ...fields }), processes, clock),
    processes,
    clock,
  };
}

/** A program that says these lines when it has its order, then exits. */
function saying(lines: readonly string[], code = 0): SimulatedProgram {
  return async (io) => {
    await io.readLine();
    for (const line of lines) io.write(`${line}\n`);
    io.exit(code);
  };
}

describe("ExternalCommand's spec", () => {
  test.each(golden.filter(({ error }) => error === undefined))(
    "has Java's normalized and pretty form: $name",
    ({ input, normalized, pretty }) => {
      const { taskType, spec } = parseTaskSpec(input);
      expect(canonicalTaskSpec(taskType, spec)).toBe(normalized ?? "");
      expect(prettyTaskSpec(taskType, spec)).toBe(pretty ?? "");
    },
  );

  test.each(golden.filter(({ error }) => error !== undefined))(
    "is refused as by Java: $name",
    ({ input }) => {
      expect(() => parseTaskSpec(input)).toThrow();
    },
  );

  test("is refused by exec without a command, or with a negative grace", async () => {
    const problems = await externalCommand.check(specOf({ shutdownGracePeriodMs: -1 }));
    expect(problems.map(({ path }) => path)).toEqual(["command", "shutdownGracePeriodMs"]);
  });
});

describe("ExternalCommand", () => {
  test("writes one line: id, then workload", async () => {
    let line: string | undefined;
    const { ended } = simulated(
      async (io) => {
        line = await io.readLine();
        io.exit(0);
      },
      { workload: { foo: "value1", bar: 123, big: 2 ** 53, half: 0.5 } },
    );
    expect(await ended).toBe("");
    expect(line).toBe(
      '{"id":"task0","workload":{"foo":"value1","bar":123,"big":9007199254740992,"half":0.5}}',
    );
  });

  test("fails without a command", async () => {
    const { ended } = simulated(saying([]), { command: [] });
    expect(await ended).toBe("Unable to start process: No command specified");
  });

  test("succeeds with code 0 and fails with any other", async () => {
    expect(await simulated(saying([], 0)).ended).toBe("");
    expect(await simulated(saying([], 3)).ended).toBe("exited with return code 3");
  });

  test("takes statuses of any kind, exactly", async () => {
    const status = '{"n":9007199254740993,"arr":[1,{"b":null}],"x":1.5}';
    const { statuses, ended } = simulated(saying([`{"status":${status},"log":"both"}`]));
    await ended;
    expect(statuses).toEqual([{ n: 9007199254740993n, arr: [1, { b: null }], x: 1.5 }]);
  });

  test.each(["not json", "", "[1]", "7", "null", '{"status":', '{"other":1}'])(
    "leaves the line %p alone",
    async (line) => {
      const { statuses, ended } = simulated(saying([line, '{"status":"s1"} garbage']));
      expect(await ended).toBe("");
      expect(statuses).toEqual(["s1"]);
    },
  );

  test.each([
    ['{"error":"boom"}', "boom"],
    ['{"error":""}', ""],
    ['{"error":{"a":1}}', ""],
    ['{"error":null}', "null"],
    ['{"error":1.50}', "1.50"],
  ])("%p ends the program, and the task with %p", async (line, expected) => {
    const { statuses, ended, processes } = simulated((io) => {
      io.write(`{"status":"before"}\n${line}\n{"error":"second"}\n`);
    });
    expect(await ended).toBe(expected);
    expect([statuses, processes.runningCount]).toEqual([["before"], 0]);
  });

  test("counts the status that a program writes when it is stopped", async () => {
    const { statuses, ended, stop } = simulated((io) => {
      io.onTerminate(() => {
        io.write('{"status":"last"}\n');
        io.exit(0);
      });
    });
    stop();
    expect(await ended).toBe("");
    expect(statuses).toEqual(["last"]);
  });

  test("fails as the reference when SIGTERM ends the program", async () => {
    const { ended, stop } = simulated(() => {});
    stop();
    expect(await ended).toBe("exited with return code 143");
  });

  test.each([
    [{}, 5000],
    [{ shutdownGracePeriodMs: 250 }, 250],
    [{ shutdownGracePeriodMs: -5 }, 0],
  ])("kills what ignores SIGTERM (%j) after %d ms", async (fields, graceMs) => {
    let killedMs = 0;
    const clock = createSimulatedClock();
    const beginMs = clock.nowMs();
    const { ended, stop } = simulated((io) => io.onTerminate(() => {}), fields, clock);
    stop();
    const error = await ended.finally(() => {
      killedMs = clock.nowMs() - beginMs;
    });
    expect([error, killedMs]).toEqual(["exited with return code 137", graceMs]);
  });

  test("names what a program leaves behind", async () => {
    const { ended } = simulated((io) => {
      io.leaveBehind(2);
      io.exit(0);
    });
    expect(await ended).toBe(
      "exited with return code 0, but left 2 processes behind that had to be killed (simulated)",
    );
  });

  test("tells statuses at most ten times a second, the first and the last one always", async () => {
    const clock = createSimulatedClock();
    const { statuses, ended } = simulated(
      async (io) => {
        for (let count = 1; count <= 500; count++) {
          io.write(`{"status":${count}}\n`);
          await clock.sleep(2);
        }
        io.exit(0);
      },
      {},
      clock,
    );
    await ended;
    expect([statuses[0], statuses.at(-1)]).toEqual([1, 500]);
    expect(statuses.length).toBeLessThan(14);
  });

  test("drops a line that is too long, and goes on", async () => {
    const long = `{"status":"${"x".repeat(1024 * 1024)}"}`;
    const { statuses, ended, log } = simulated(saying([long, '{"status":"short"}']));
    await ended;
    expect(statuses).toEqual(["short"]);
    expect(log.events.map(({ level }) => level)).toEqual(["warn"]);
  });

  test("logs at most a hundred lines a second", async () => {
    const { ended, log } = simulated(saying(Array(300).fill('{"log":"x"}')));
    await ended;
    expect(log.events.filter(({ level }) => level === "info")).toHaveLength(100);
  });
});

describe("ExternalCommand with real programs", () => {
  const processes = realProcesses({ nativePrograms: realNativePrograms(), log: recordedLog() });
  const folder = mkdtempSync(join(tmpdir(), "trogdor-external-"));
  const page = readFileSync(join(root, "docs/external-workers.md"), "utf8");
  afterAll(async () => {
    await processes.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(fields: object): Run {
    return run(specOf(fields), processes, realClock);
  }

  /** A program as the docs show it. */
  function documented(language: string): string {
    const code = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(page)?.[1] ?? "";
    const path = join(folder, `worker.${language}`);
    writeFileSync(path, code);
    return path;
  }

  test.each([
    [["true"], ""],
    [["false"], "exited with return code 1"],
    [["sh", "-c", "kill -9 $$"], "exited with return code 137"],
    [
      ["/no/such/thing"],
      'Unable to start process: Cannot run program "/no/such/thing": ' +
        "error=2, No such file or directory",
    ],
    [["/"], 'Unable to start process: Cannot run program "/": error=13, Permission denied'],
  ])("%j ends with %p", async (command, expected) => {
    expect(await start({ command }).ended).toBe(expected);
  });

  test("runs the Python worker of the docs to its end, or to its error", async () => {
    const command = ["python3", documented("python")];
    const good = start({ command, workload: { count: 3, pauseMs: 1 } });
    expect(await good.ended).toBe("");
    expect(good.statuses.at(-1)).toEqual({ done: 3, total: 3, stopped: false });
    expect(good.log.events[0]?.fields["text"]).toBe("task task0 begins");
    const bad = start({ command, workload: { count: 2, pauseMs: 1, fail: true } });
    expect(await bad.ended).toBe("asked to fail after 2");
  });

  test("stops the shell worker of the docs, which says its last status", async () => {
    const command = ["sh", documented("sh")];
    const worker = start({ command, workload: { pauseSeconds: 600 } });
    await until(() => worker.statuses.length > 0);
    worker.stop();
    expect(await worker.ended).toBe("");
    expect(worker.statuses.at(-1)).toEqual({ rounds: 1, stopped: true });
  });

  test.each([
    ["ends without reading", "exit 0", ""],
    ["closes its input", "exec <&-; sleep 0.2; exit 0", ""],
    ["never reads", "exec sleep 1000", "exited with return code 143"],
  ])("does not mind a program that %s of a large workload", async (_, script, expected) => {
    const workload = { text: "x".repeat(4_000_000) };
    const worker = start({ command: ["sh", "-c", script], workload });
    if (expected !== "") worker.stop();
    expect(await worker.ended).toBe(expected);
  });

  test("gives pipes to programs, which can be opened again", async () => {
    const script = "echo '{\"status\":1}' > /dev/stdout; echo oops | tee /dev/stderr";
    const worker = start({ command: ["sh", "-c", script] });
    expect(await worker.ended).toBe("");
    expect(worker.statuses).toEqual([1]);
  });

  test("takes a grandchild's flood no faster when the program itself has ended", async () => {
    const flood = `yes '{"status":"x","log":"y"}' & exit 0`;
    const worker = start({ command: ["sh", "-c", flood] });
    expect(await worker.ended).toContain("had to be killed (yes)");
    expect(worker.statuses.length).toBeLessThan(400);
  });

  test("is not held up by a grandchild that keeps the output open", async () => {
    const script = "(trap '' TERM; while :; do sleep 1000; done) & echo '{\"status\":1}'; exit 0";
    const worker = start({ command: ["sh", "-c", script] });
    expect(await worker.ended).toStartWith(
      "exited with return code 0, but left 2 processes behind that had to be killed (",
    );
    expect(worker.statuses).toEqual([1]);
  });
});

/** Waits for a condition; the test's own bound is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await realClock.sleep(2);
}
