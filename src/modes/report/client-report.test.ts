// `client report` and `exec --report`: what they write, and what they say when they cannot.

import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TaskState } from "../../core/task-state.ts";
import { encodeHistogram } from "../../measure/histogram-encoding.ts";
import { createLatencyHistogram } from "../../measure/latency-histogram.ts";
import { startTestCoordinator, stopServers } from "../../rest/server-fixture.ts";
import { recordedHost } from "../recorded-host.ts";
import { runCommandLine } from "../run-command-line.ts";
import type { Report } from "./report.ts";

const folder = mkdtempSync(join(tmpdir(), "client-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(stopServers);

async function run(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const host = recordedHost();
  const exitCode = await runCommandLine(args, host);
  return { exitCode, ...host.written };
}

function read(...path: string[]): Report {
  return JSON.parse(readFileSync(join(folder, ...path, "report.json"), "utf8")) as Report;
}

const className = "org.apache.kafka.trogdor.task.NoOpTaskSpec";

function histogram(): string {
  const latencies = createLatencyHistogram();
  latencies.record(1500, 1);
  return encodeHistogram(latencies.hdr);
}

function done(error: string): TaskState {
  const text = `{"class":"${className}","startMs":0,"durationMs":5}`;
  const spec = { className, startMs: 0n, durationMs: 5, text };
  const times = { startedMs: 1000, doneMs: 2000 };
  const status = JSON.stringify({ histograms: { corrected: histogram() } });
  return { state: "DONE", spec, ...times, error, cancelled: false, status };
}

async function coordinator(): Promise<string> {
  const tasks = new Map([
    ["good", done("")],
    ["bad", done("no luck")],
  ]);
  const { port } = await startTestCoordinator(
    {},
    {
      tasks: ({ taskIds }) =>
        new Map([...tasks].filter(([id]) => taskIds.size === 0 || taskIds.has(id))),
    },
  );
  return `127.0.0.1:${port}`;
}

describe("client report", () => {
  test("writes all tasks, and tells where", async () => {
    const output = join(folder, "all");
    const { exitCode, out } = await run(
      "client",
      "report",
      "-t",
      await coordinator(),
      "-o",
      output,
    );
    expect([exitCode, out]).toEqual([0, `${output}/report.html\n`]);
    expect(read("all").counts).toEqual({ tasks: 2, passed: 1, failed: 1, unfinished: 0 });
    // A listing of all tasks leaves them out.
    const curves = read("all").tasks.flatMap(({ latencies }) => latencies);
    expect(curves.map(({ name, count }) => [name, count])).toEqual(
      Array.from({ length: 2 }, () => ["corrected", 1]),
    );
    expect(existsSync(join(output, "report.xml"))).toBe(true);
  });

  test("refuses a task that is not there", async () => {
    const output = join(folder, "none");
    const target = await coordinator();
    const { exitCode, err } = await run("client", "report", "x", "-t", target, "-o", output);
    expect(err).toContain("the coordinator has no task x");
    expect([exitCode, existsSync(output)]).toEqual([1, false]);
  });
});

describe("exec --report", () => {
  test("writes what came of the task", async () => {
    const output = join(folder, "exec");
    const spec = '{"class":"NoOp","durationMs":20}';
    const { exitCode } = await run("exec", spec, "--quiet", "--report", output);
    const [task] = read("exec").tasks;
    expect([exitCode, task?.type, task?.outcome]).toEqual([0, "NoOp", "passed"]);
  });

  test("ends before the task begins when there is no place for the report", async () => {
    const spec = '{"class":"NoOp","durationMs":600000}';
    const { exitCode, err } = await run("exec", spec, "--quiet", "--report", "/proc/no/place");
    expect(err).toContain("the report cannot be written to /proc/no/place");
    expect(exitCode).toBe(2);
  });
});
