// `trogdor client` and `trogdor agent-client` against real REST servers: what they ask for, what
// they print in a pipe, on a terminal and as JSON, their exit codes, and what they say when the
// other side is not what they expect.

import { afterEach, describe, expect, test } from "bun:test";
import type { TaskState } from "../../core/task-state.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { NodeState } from "../../rest/coordinator-extras.ts";
import { noOpSpec } from "../../rest/recorded-services.ts";
import { startTestAgent, startTestCoordinator, stopServers } from "../../rest/server-fixture.ts";
import { type RecordedHost, recordedHost } from "../recorded-host.ts";
import { runCommandLine } from "../run-command-line.ts";

afterEach(stopServers);

interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  args: readonly string[],
  env: Record<string, string> = {},
  host: RecordedHost = recordedHost(env),
): Promise<Ran> {
  const exitCode = await runCommandLine(args, host);
  return { exitCode, ...host.written };
}

function terminalHost(columns: number, env: Record<string, string> = {}): RecordedHost {
  const host = recordedHost(env);
  const terminal = { isTerminal: true, columns };
  return { ...host, out: { ...host.out, ...terminal }, err: { ...host.err, ...terminal } };
}

const done = (error = "", cancelled = false): TaskState => ({
  state: "DONE",
  spec: noOpSpec(1000n, 5),
  startedMs: 1000,
  doneMs: 3000,
  error,
  cancelled,
  status: '"done"',
});
const runningTask: TaskState = {
  state: "RUNNING",
  spec: noOpSpec(1000n, 60_000),
  startedMs: 1000,
  status: '"active"',
};
const node = (fields: Partial<NodeState>): NodeState => ({
  node: "n1",
  hostname: "127.0.0.1",
  port: 1,
  isOurs: true,
  version: "1.0",
  clockOffsetMs: 3,
  lastPollMs: 5,
  lastAnswerMs: 5,
  error: "",
  workers: 2,
  ...fields,
});

async function coordinator(nodes: readonly NodeState[] = [node({})]) {
  const { service, port } = await startTestCoordinator({}, { nodes: () => nodes });
  return { service, target: `127.0.0.1:${port}` };
}

describe("client", () => {
  test("asks the coordinator that TROGDOR_TARGET names", async () => {
    const { target } = await coordinator();
    const { exitCode, out } = await run(["client", "uptime"], { TROGDOR_TARGET: target });
    expect([exitCode, out.split("\n")[0]]).toEqual([0, `Coordinator is running at ${target}.`]);
  });

  test("takes the target before the verb as well", async () => {
    const { target } = await coordinator();
    expect(await run(["client", "--json", "-t", target, "status"])).toEqual({
      exitCode: 0,
      out: '{"serverStartMs":111}\n',
      err: "",
    });
  });

  test("warns of clocks that differ, beside the answer", async () => {
    const nodes = [node({ clockOffsetMs: -2400.4 }), node({ node: "n2", clockOffsetMs: 499 })];
    const { target } = await coordinator(nodes);
    const { exitCode, err } = await run(["client", "status", "-t", target]);
    expect(exitCode).toBe(0);
    expect(err).toBe(
      "Warning: the clock of n1 is 2400 ms behind the coordinator's; tasks there end late\n",
    );
  });

  test.each([
    [["stop", "a b"], "Sent StopTaskRequest for task a b.\n", ["stopTask", "a b"]],
    [["stopTask", "--id", "a"], "Sent StopTaskRequest for task a.\n", ["stopTask", "a"]],
    [["destroy", "a"], "Sent DestroyTaskRequest for task a.\n", ["destroyTask", "a"]],
    [["destroyTask", "-ia"], "Sent DestroyTaskRequest for task a.\n", ["destroyTask", "a"]],
    [["shutdown"], "Sent ShutdownRequest.\n", ["shutdown", false]],
    [["shutdown", "--stop-agents"], "Sent ShutdownRequest.\n", ["shutdown", true]],
    [["stop", "a", "--json"], '{"id":"a"}\n', ["stopTask", "a"]],
  ])("%j is done and said", async (args, out, call) => {
    const { service, target } = await coordinator();
    expect(await run(["client", ...args, "-t", target])).toEqual({ exitCode: 0, out, err: "" });
    expect(service.calls).toEqual([call as [string]]);
  });

  test("stops all tasks of a coordinator that only knows how to stop one", async () => {
    const { service, target } = await coordinator();
    service.states.set("a", runningTask).set("b", done()).set("c", runningTask);
    const { out } = await run(["client", "stopAll", "-t", target]);
    expect(out).toBe("Told 2 tasks to stop.\n");
    expect(service.calls.slice(1)).toEqual([
      ["stopTask", "a"],
      ["stopTask", "c"],
    ]);
  });
});

describe("client tasks", () => {
  test("hands the filters on", async () => {
    const { service, target } = await coordinator();
    await run(["client", "tasks", "-t", target, "-i", "a", "-ib", "--state", "running"]);
    expect(service.calls[0]?.[1]).toMatchObject({
      taskIds: new Set(["a", "b"]),
      state: "RUNNING",
    });
  });

  test("matches the whole id with --id-pattern", async () => {
    const { service, target } = await coordinator();
    service.states.set("ab", runningTask).set("abc", runningTask);
    const { out } = await run(["client", "tasks", "-t", target, "--id-pattern", "a.", "--json"]);
    expect(Object.keys(JSON.parse(out).tasks)).toEqual(["ab"]);
  });

  test.each([
    [["tasks"], 0],
    [["showTasks", "--json"], 0],
  ])("that find nothing are no failure: %j", async (args, exitCode) => {
    const { target } = await coordinator();
    expect((await run(["client", ...args, "-t", target])).exitCode).toBe(exitCode);
  });

  test("fit a terminal, in colour unless NO_COLOR says otherwise", async () => {
    const { service, target } = await coordinator();
    service.states.set("a", done("it broke"));
    const args = ["client", "tasks", "-t", target];
    const { out } = await run(args, {}, terminalHost(40));
    expect(out).toContain("\u001b[31mDONE\u001b[39m");
    const plain = await run(args, {}, terminalHost(40, { NO_COLOR: "1" }));
    expect(plain.out.split("\n").map((line) => line.length <= 40)).not.toContain(false);
    expect(plain.out).not.toContain("\u001b");
  });

  test.each([
    [["tasks", "--state", "runing"], 'Unknown state "runing"; did you mean "RUNNING"?'],
    [["tasks", "--id-pattern", "a("], "Invalid task ID regular expression a("],
    [["tasks", "-i", "a", "--id-pattern", "b"], "exclude each other"],
    [["taks"], 'Unknown verb "taks" of client; did you mean "task" or "tasks"?'],
    [["frobnicate"], "the verbs are tasks, task, create"],
    [["task"], "Missing argument TASK"],
    [["task", "a", "-i", "b"], "one task only"],
    [["wait"], "Missing argument TASK"],
    [["logs"], "Missing argument NODE"],
    [["logs", "n1", "t", "x"], 'Unexpected argument "x"'],
    [["logs", "n1", "-n", "many"], 'Option "--lines" is "many"'],
    [["tasks", "-t", "host:port"], "expected HOST:PORT"],
    [["tasks", "-t", ""], "expected HOST:PORT"],
    [["create"], "Missing argument SPEC"],
    [["create", "{}", "{}", "--id", "a"], 'Option "--id" names one task'],
    [["wait", "a", "--timeout", "soon"], "expected a time above zero"],
  ])("%j is a usage error", async (args, says) => {
    const { exitCode, err } = await run(["client", ...args]);
    expect(err).toContain(says);
    expect(exitCode).toBe(2);
  });
});

describe("client task", () => {
  test("says when there is none", async () => {
    const { target } = await coordinator();
    expect(await run(["client", "task", "x", "-t", target])).toEqual({
      exitCode: 1,
      out: "Task x was not found.\n",
      err: "",
    });
  });

  test("prints the state as it is with --json", async () => {
    const { service, target } = await coordinator();
    service.states.set("x", runningTask);
    const { out } = await run(["client", "task", "x", "--json", "-t", target]);
    expect(JSON.parse(out)).toMatchObject({ state: "RUNNING", startedMs: 1000, status: "active" });
  });
});

const noOp = '{"class":"NoOp","durationMs":500}';

describe("client create", () => {
  test("sends the canonical form under the id", async () => {
    const { service, target } = await coordinator();
    const { out } = await run(["client", "create", noOp, "--id", "x", "-t", target]);
    expect(out).toBe("Sent CreateTaskRequest for task x.\n");
    expect(service.calls).toEqual([["createTask", "x", noOpSpec(0n, 500)]]);
  });

  test("makes readable ids, applies --set and takes several specs", async () => {
    const { service, target } = await coordinator();
    const args = ["client", "create", noOp, noOp, "--set", "durationMs=7", "-t", target, "--json"];
    const { out } = await run(args);
    const ids = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id);
    for (const id of ids) expect(id).toMatch(/^no-op-[a-z2-9]{5}$/);
    expect(service.calls).toEqual(ids.map((id) => ["createTask", id, noOpSpec(0n, 7)]));
  });

  test("reports every problem of every spec and creates nothing", async () => {
    const { service, target } = await coordinator();
    const bad = ['{"class":"NoOp","durationMs":"x","y":1}', '{"class":"Nop"}', noOp];
    const { exitCode, err } = await run(["client", "create", ...bad, "-t", target]);
    expect(exitCode).toBe(2);
    for (const text of ["durationMs: ", "y: unknown field", 'did you mean "NoOp"?']) {
      expect(err).toContain(text);
    }
    expect(service.calls).toEqual([]);
  });

  test("leaves what only a run would tell to the coordinator, unless --check", async () => {
    const { service, target } = await coordinator();
    const args = ["client", "create", '{"class":"NoOp"}', "-t", target];
    expect((await run(args)).exitCode).toBe(0);
    const { exitCode, err } = await run([...args, "--check"]);
    expect(err).toContain("durationMs: is 0 or missing");
    expect([exitCode, service.calls.length]).toEqual([2, 1]);
  });

  test("says what to do about an id that is taken", async () => {
    const { service, target } = await coordinator();
    const text = 'Task ID x already exists, and has a different spec {"class":"y"}';
    const args = ["client", "create", noOp, "--id", "x", "-t", target];
    service.nextError = new TrogdorError("conflict", text);
    const { exitCode, err } = await run(args);
    expect(err).toBe(
      `trogdor: ${text}; give the new task another id than x, or destroy the old one first\n`,
    );
    service.nextError = new TrogdorError("conflict", text);
    const java = await run(["--java", "client", "createTask", "-s", noOp, ...args.slice(3)]);
    expect(java).toEqual({
      exitCode: 1,
      out:
        "CreateTaskRequest for task x got a 409 status code - a task with the same ID but a " +
        `different specification already exists.\nException: ${text}\n`,
      err: "",
    });
    expect(exitCode).toBe(1);
  });

  const extended = JSON.stringify({
    class: "ProduceBench",
    durationMs: 5,
    bootstrapServers: "x:1",
    warmupMs: 3,
    clientLibrary: "kafkajs",
    activeTopics: { foo: {} },
  });

  test("names the fields that a Java coordinator lacks, before it is asked", async () => {
    const { service, port } = await startTestCoordinator();
    const { exitCode, err } = await run(["client", "create", extended, "-t", `127.0.0.1:${port}`]);
    expect(exitCode).toBe(1);
    expect(err).toContain("is a Java one and lacks the fields ");
    for (const name of ["warmupMs", "clientLibrary"]) expect(err).toContain(name);
    expect(service.calls).toEqual([]);
  });

  test("says that an older coordinator lacks the class", async () => {
    const { target } = await coordinator();
    const { exitCode, err } = await run(["client", "create", extended, "-t", target]);
    expect(err).toContain(`the coordinator at ${target} lacks the task's class`);
    expect(exitCode).toBe(1);
  });

  test("waits for the end with --wait", async () => {
    const { service, target } = await coordinator();
    service.states.set("x", done("broken"));
    const args = ["client", "create", noOp, "--id", "x", "--wait", "-t", target];
    const { exitCode, out } = await run(args);
    expect(out).toContain("is DONE. FAILED at 1970-01-01");
    expect(out).toContain("Error: broken\n");
    expect(exitCode).toBe(1);
  });
});

describe("client wait", () => {
  test("follows the tasks with its exit code", async () => {
    const { service, target } = await coordinator();
    service.states.set("a", done()).set("b", done("x")).set("c", done("", true));
    const codes = await Promise.all(
      [["a"], ["a", "c"], ["a", "b"], ["a", "zz"]].map(
        async (ids) => (await run(["client", "wait", ...ids, "-t", target])).exitCode,
      ),
    );
    expect(codes).toEqual([0, 0, 1, 1]);
  });

  test("prints the states with --json", async () => {
    const { service, target } = await coordinator();
    service.states.set("a", done());
    const { out } = await run(["client", "wait", "a", "--json", "-t", target]);
    expect(JSON.parse(out).tasks.a.state).toBe("DONE");
  });

  test("gives up after --timeout, and says that the task goes on", async () => {
    const { service, target } = await coordinator();
    service.states.set("a", runningTask);
    const { exitCode, err } = await run(["client", "wait", "a", "--timeout", "10ms", "-t", target]);
    expect(err).toContain("a RUNNING");
    expect(err).toContain("task a has not ended after 0.0s (--timeout) and may go on");
    expect(exitCode).toBe(1);
  });

  test("ends with 130 by Ctrl-C and leaves the task alone", async () => {
    const { service, target } = await coordinator();
    service.states.set("a", runningTask);
    const host = recordedHost();
    const waiting = run(["client", "wait", "a", "-t", target], {}, host);
    while (host.listenerCount === 0) await new Promise(setImmediate);
    host.sendSignal("SIGINT");
    const { exitCode, err } = await waiting;
    expect(err).toContain("No longer waiting; task a goes on. Stop with: trogdor client stop a\n");
    expect([exitCode, host.listenerCount]).toEqual([130, 0]);
    expect(service.calls.map(([name]) => name)).not.toContain("stopTask");
  });

  test("shows live lines on a terminal and removes them at the end", async () => {
    const { service, target } = await coordinator();
    service.states.set("a", runningTask);
    const host = terminalHost(60);
    const waiting = run(["client", "wait", "a", "-t", target], {}, host);
    while (!host.written.err.includes("a RUNNING")) await new Promise(setImmediate);
    service.states.set("a", done());
    const { exitCode, err } = await waiting;
    expect([exitCode, err.endsWith("\r\u001b[1A\u001b[J")]).toEqual([0, true]);
  });
});

describe("client watch", () => {
  test("writes a line for each change in a pipe, until Ctrl-C", async () => {
    const { service, target } = await coordinator();
    service.states.set("a", runningTask);
    const host = recordedHost();
    const watching = run(["client", "watch", "--json", "-t", target], {}, host);
    while (!host.written.out.includes("RUNNING")) await new Promise(setImmediate);
    host.sendSignal("SIGINT");
    const { exitCode, out } = await watching;
    expect(JSON.parse(out)).toMatchObject({ id: "a", task: { state: "RUNNING" } });
    expect(exitCode).toBe(130);
  });

  test("of one task ends with it", async () => {
    const { service, target } = await coordinator();
    service.states.set("a", done());
    expect((await run(["client", "watch", "a", "-t", target])).exitCode).toBe(0);
  });
});

describe("client nodes and logs", () => {
  test("show what the coordinator knows of its agents", async () => {
    const nodes = [
      node({}),
      node({ node: "n2", isOurs: false, version: undefined, clockOffsetMs: undefined }),
      node({ node: "n3", lastAnswerMs: undefined, error: "refused" }),
    ];
    const { target } = await coordinator(nodes);
    const { out } = await run(["client", "nodes", "-t", target]);
    expect(out).toBe(
      [
        "NODE  ADDRESS      STATE           VERSION  WORKERS  CLOCK  ERROR",
        "n1    127.0.0.1:1  up              1.0      2        +3 ms",
        "n2    127.0.0.1:1  up              Java     2        -",
        "n3    127.0.0.1:1  never answered  1.0      2        +3 ms  refused",
        "",
      ].join("\n"),
    );
  });

  test("ask the agent itself for its log", async () => {
    const asked: unknown[] = [];
    const agent = await startTestAgent(
      {},
      {
        logs: async (query) => {
          asked.push(query);
          return ["one", "two"];
        },
      },
    );
    const { target } = await coordinator([node({ port: agent.port })]);
    const { out } = await run(["client", "logs", "n1", "t1", "-n", "7", "-t", target]);
    expect(out).toBe("one\ntwo\n");
    expect(asked).toEqual([{ lines: 7, taskId: "t1", workerId: undefined }]);
  });

  test("name the nodes there are when one is unknown", async () => {
    const { target } = await coordinator();
    const { exitCode, err } = await run(["client", "logs", "n9", "-t", target]);
    expect(err).toContain('has no agent on "n9"; its agents are on n1');
    expect(exitCode).toBe(2);
  });

  test("say that a Java coordinator does not tell", async () => {
    const { port } = await startTestCoordinator();
    const { exitCode, err } = await run(["client", "nodes", "-t", `127.0.0.1:${port}`]);
    expect(err).toContain("is a Java one and does not tell of its nodes");
    expect(exitCode).toBe(1);
  });
});

describe("agent-client", () => {
  test("drives workers by ids of 64 bits", async () => {
    const { service, port } = await startTestAgent();
    const at = ["-t", `127.0.0.1:${port}`];
    const id = "4610503666182218107";
    const create = ["createWorker", "--workerId", id, "--taskId", "t", "-s", noOp];
    const outs = [];
    for (const args of [
      create,
      ["stopWorker", "--workerId", id],
      ["destroyWorker", "--workerId=-7"],
    ]) {
      outs.push(await run(["agent-client", ...args, ...at]));
    }
    expect(outs.map(({ out }) => out)).toEqual([
      `Sent CreateWorkerRequest for worker ${id}.\n`,
      `Sent StopWorkerRequest for worker ${id}.\n`,
      "Sent DestroyWorkerRequest for worker -7.\n",
    ]);
    expect(service.calls).toEqual([
      ["createWorker", { workerId: BigInt(id), taskId: "t", spec: noOpSpec(0n, 500) }],
      ["stopWorker", BigInt(id)],
      ["destroyWorker", -7n],
    ]);
  });

  test("ends the agent, and says since when it ran", async () => {
    const { service, port } = await startTestAgent();
    const at = ["-t", `127.0.0.1:${port}`];
    expect((await run(["agent-client", "uptime", "--json", ...at])).out).toBe(
      '{"serverStartMs":111,"nowMs":150}\n',
    );
    expect((await run(["agent-client", "shutdown", ...at])).out).toBe("Sent ShutdownRequest.\n");
    expect(service.calls).toEqual([["shutdown"]]);
  });

  test.each([
    [["stopWorker"], "Missing option --workerId N"],
    [["stopWorker", "--workerId", "x"], "expected a whole number of 64 bits"],
    [["stopWorker", "--workerId", "9223372036854775808"], "expected a whole number of 64 bits"],
    [["createWorker", "--workerId", "1"], "Missing option --taskId ID"],
  ])("%j is a usage error", async (args, says) => {
    const { exitCode, err } = await run(["agent-client", ...args]);
    expect(err).toContain(says);
    expect(exitCode).toBe(2);
  });
});
