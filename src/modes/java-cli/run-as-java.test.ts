// `--java`: the forms that the Java command line takes, its usage errors, help and exit codes.

import { afterEach, describe, expect, test } from "bun:test";
import { startTestCoordinator, stopServers } from "../../rest/server-fixture.ts";
import { recordedHost } from "../recorded-host.ts";
import { runCommandLine } from "../run-command-line.ts";

afterEach(stopServers);

async function run(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const host = recordedHost();
  const exitCode = await runCommandLine(args, host);
  return { exitCode, ...host.written };
}

const indent = " ".repeat(34);
const verbs = "{uptime,status,showTask,showTasks,createTask,stopTask,destroyTask,shutdown}";
const rootUsage = `usage: trogdor-coordinator-client [-h]\n${indent}${verbs}\n${indent}...\n`;
const uptimeUsage = `usage: trogdor-coordinator-client
       uptime [-h] --target TARGET [--json]
`;
const program = "trogdor-coordinator-client";

describe("usage errors are Java's", () => {
  test.each([
    [[], `${rootUsage}${program}: error: too few arguments\n`],
    [
      ["nope"],
      `${rootUsage}${program}: error: invalid choice: 'nope' (choose from 'uptime', 'status', ` +
        "'showTask', 'showTasks', 'createTask', 'stopTask', 'destroyTask', 'shutdown')\n",
    ],
    [["uptime"], `${uptimeUsage}${program}: error: argument --target/-t is required\n`],
    [
      ["uptime", "-t", "x:1", "--bogus"],
      `${uptimeUsage}${program}: error: unrecognized arguments: '--bogus'\n`,
    ],
  ])("for %j", async (args, err) => {
    expect(await run("--java", "client", ...args)).toEqual({ exitCode: 1, out: "", err });
  });

  test.each([
    [["showTasks", "-t", "x:1", "--state", "running"], "could not convert 'running'"],
    [["showTasks", "-t", "x:1", "-i", "a", "--id-pattern", "b"], "exclude each other"],
    [["createTask", "-t", "x:1", "-i", "a"], "argument --spec/-s is required"],
    [["createTask", "-t", "x:1", "-i", "a", "-s", "{}"], "class: is missing"],
    [["stopTask", "-t", "x:1"], "argument --id/-i is required"],
    [["uptime", "-t", "127.0.0.1:1"], "no coordinator answers at 127.0.0.1:1"],
  ])("with exit code 1 for %j", async (args, says) => {
    const { exitCode, err } = await run("client", "--java", ...args);
    expect(err).toContain(says);
    expect(exitCode).toBe(1);
  });
});

describe("help", () => {
  test.each([
    [["client", "-h"], "positional arguments:\n  {uptime,status,"],
    [["client", "uptime", "--help"], `${uptimeUsage}\noptional arguments:\n  -h, --help`],
    [["client", "createTask", "-h"], "  --spec TASK_SPEC, -s TASK_SPEC\n"],
    [
      ["agent-client", "stopWorker", "-h"],
      "stopWorker [-h] --target TARGET --workerId WORKER_ID\n",
    ],
  ])("of %j is on stdout, with exit code 1", async (args, text) => {
    const { exitCode, out, err } = await run("--java", ...args);
    expect(out).toContain(text);
    expect([exitCode, err]).toEqual([1, ""]);
  });
});

describe("long names", () => {
  test.each([
    [["upt", "--targ=T"]],
    [["uptime", "--t", "T"]],
    [["uptime", "-tT"]],
    [["u", "-t=T"]],
  ])("may be cut: %j", async (args) => {
    const { port } = await startTestCoordinator();
    const target = `127.0.0.1:${port}`;
    const { exitCode, out } = await run(
      "client",
      "--java",
      ...args.map((arg) => arg.replace("T", target)),
    );
    expect(exitCode).toBe(0);
    expect(out).toStartWith(`Coordinator is running at ${target}.\n`);
  });

  test("that several flags begin with are refused", async () => {
    const { exitCode, err } = await run("--java", "client", "showTasks", "-t", "x:1", "--i", "a");
    expect(err).toContain("unrecognized arguments: '--i'");
    expect(exitCode).toBe(1);
  });

  test("of verbs that several begin with are refused", async () => {
    expect((await run("--java", "client", "s")).err).toContain("invalid choice: 's'");
  });

  test("of our own verbs work too, whole", async () => {
    const { port } = await startTestCoordinator();
    const { exitCode, out } = await run("--java", "client", "tasks", "-t", `127.0.0.1:${port}`);
    expect([exitCode, out]).toEqual([1, "No matching tasks found.\n"]);
  });
});
