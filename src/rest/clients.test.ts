// Every call of both clients reaches the service behind the matching server, and the answer comes
// back as it was.

import { afterEach, describe, expect, test } from "bun:test";
import type { TaskState } from "../core/task-state.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import type { WorkerState } from "../core/worker-state.ts";
import { version } from "../version.ts";
import { agentClient } from "./agent-client.ts";
import { coordinatorClient } from "./coordinator-client.ts";
import { httpAgentCalls } from "./http-agent-calls.ts";
import { noOpSpec, ownSpec, smallCatalog } from "./recorded-services.ts";
import { startTestAgent, startTestCoordinator, stopServers } from "./server-fixture.ts";

afterEach(stopServers);

const clock = { sleep: async () => {} };

async function coordinator() {
  const { service, port } = await startTestCoordinator();
  const client = coordinatorClient({ hostname: "127.0.0.1", port, clock });
  return { service, client };
}

async function agent() {
  const { service, port } = await startTestAgent();
  const address = { hostname: "127.0.0.1", port };
  const client = agentClient({ ...address, clock });
  const calls = httpAgentCalls({
    coordinatorId: "c1",
    catalog: smallCatalog,
    address: () => address,
  });
  return { service, client, calls: calls.connect("n1"), address };
}

const oddIds = ["a", "a b/c?d%e", "..", ".", "ü#\\&+=", "%2F", "\u0000\n", "/", "tasks/"];

describe("the coordinator's client and server", () => {
  test("carry every call that changes something", async () => {
    const { service, client } = await coordinator();
    for (const id of oddIds) {
      await client.createTask(id, noOpSpec(5n, 10).text);
      await client.stopTask(id);
      await client.destroyTask(id);
    }
    await client.shutdown(true);
    expect(service.calls).toEqual([
      ...oddIds.flatMap((id) => [
        ["createTask", id, noOpSpec(5n, 10)] as const,
        ["stopTask", id] as const,
        ["destroyTask", id] as const,
      ]),
      ["shutdown", true],
    ]);
  });

  const spec = noOpSpec(9_223_372_036_854_775_807n, 1e15);
  const states: readonly TaskState[] = [
    { state: "PENDING", spec, status: "null" },
    { state: "RUNNING", spec, startedMs: 5, status: '"receiving"' },
    { state: "STOPPING", spec, startedMs: 5, status: '{"n1":2.50,"n2":12345678901234567890}' },
    {
      state: "DONE",
      spec,
      startedMs: 5,
      doneMs: 6,
      error: "",
      cancelled: true,
      status: undefined,
    },
    {
      state: "DONE",
      spec,
      startedMs: -1,
      doneMs: 6,
      error: 'odd "text"\n',
      cancelled: false,
      status: "null",
    },
  ];

  test("carry every state of a task without loss", async () => {
    const { service, client } = await coordinator();
    for (const [index, state] of states.entries()) service.states.set(`t${index}`, state);
    expect([...(await client.tasks()).values()]).toEqual([...states]);
    for (const [index, state] of states.entries()) {
      expect(await client.task(`t${index}`)).toEqual(state);
    }
  });

  test.each(oddIds)("find the task %j", async (id) => {
    const { service, client } = await coordinator();
    service.states.set(id, states[0]!);
    expect(await client.task(id)).toEqual(states[0]!);
    expect([...(await client.tasks({ taskIds: new Set<string>([id]) })).keys()]).toEqual([`${id}`]);
  });

  test("carry megabytes both ways", async () => {
    const { service, client } = await coordinator();
    await client.createTask("large", `${" ".repeat(10_000_000)}${noOpSpec(5n, 10).text}`);
    expect(service.calls).toEqual([["createTask", "large", noOpSpec(5n, 10)]]);
    const status = `"${"é".repeat(500)}"`;
    for (let index = 0; index < 5000; index += 1) {
      service.states.set(`t${index}`, { state: "RUNNING", spec, startedMs: 1, status });
    }
    const tasks = await client.tasks();
    expect(tasks.size).toBe(5000);
    expect(tasks.get("t4999")).toEqual({ state: "RUNNING", spec, startedMs: 1, status });
  });

  test("carry histograms of tasks that are named, and leave them out of a listing", async () => {
    const { service, client } = await coordinator();
    const histograms = '"histograms":{"corrected":"HISTFAAAABx4nJNpmSzMwMDAxAAB"}';
    const full: TaskState = {
      state: "RUNNING",
      spec,
      startedMs: 5,
      status: `{"a":1.50,${histograms}}`,
    };
    service.states.set("t", full);
    expect((await client.tasks()).get("t")).toEqual({ ...full, status: '{"a":1.50}' });
    expect((await client.tasks({ taskIds: new Set(["t"]) })).get("t")).toEqual(full);
    expect(await client.task("t")).toEqual(full);
  });

  test("ask for more tasks than fit into one request", async () => {
    const { service, client } = await coordinator();
    const ids = Array.from({ length: 1000 }, (_, index) => `${"ü ".repeat(20)}${index + 1000}`);
    for (const id of [...ids, "other"]) service.states.set(id, states[0]!);
    const found = await client.tasks({ taskIds: new Set(ids.toReversed()) });
    expect([...found.keys()]).toEqual(ids);
  });

  test("carry uptime, status and an empty list", async () => {
    const { client } = await coordinator();
    expect(await client.uptime()).toEqual({ serverStartMs: 111, nowMs: 150 });
    expect(await client.status()).toMatchObject({ serverStartMs: 111 });
    expect([...(await client.tasks())]).toEqual([]);
  });
});

describe("the agent's client and server", () => {
  const workerId = 4_611_686_018_427_387_901n;

  test("carry every call that changes something", async () => {
    const { service, client } = await agent();
    await client.createWorker(workerId, "t 1", noOpSpec().text);
    await client.stopWorker(-workerId);
    await client.destroyWorker(workerId);
    await client.shutdown();
    expect(service.calls).toEqual([
      ["createWorker", { workerId, taskId: "t 1", spec: noOpSpec() }],
      ["stopWorker", -workerId],
      ["destroyWorker", workerId],
      ["shutdown"],
    ]);
    expect(service.callers[0]).toMatchObject({ isJava: false, coordinatorId: "" });
  });

  const base = { taskId: "t1", spec: noOpSpec(7n, 8) };
  const workers: readonly (readonly [bigint, WorkerState])[] = [
    [-5n, { ...base, state: "STARTING" }],
    [0n, { ...base, state: "RUNNING", startedMs: 1, status: "null" }],
    [7n, { ...base, state: "STOPPING", startedMs: 1, status: '"active"' }],
    [
      workerId,
      {
        ...base,
        state: "DONE",
        startedMs: 1,
        doneMs: 2,
        status: '{"a":null}',
        error: "worker expired",
      },
    ],
  ];

  test("carry every state of a worker without loss", async () => {
    const { service, client, calls } = await agent();
    for (const [id, state] of workers) service.workers.set(id, state);
    const expected = { serverStartMs: 111, workers: new Map(workers) };
    expect(await client.status()).toEqual(expected);
    expect(await calls.status()).toEqual({ status: expected, version, agentNowMs: 12345 });
    expect(service.polls).toBe(2);
  });

  test("tell which coordinator calls", async () => {
    const { service, calls } = await agent();
    await calls.createWorker({ workerId, taskId: "t1", spec: ownSpec });
    await calls.stopWorker(workerId);
    await calls.destroyWorker(workerId);
    await calls.shutdown();
    expect(service.callers.map((caller) => caller.coordinatorId)).toEqual(["c1", "c1", "c1"]);
  });

  test.each(["conflict", "unknownClass", "invalidRequest", "unavailable", "refused"] as const)(
    "carry the error %s",
    async (code) => {
      const { service, calls } = await agent();
      service.nextError = new TrogdorError(code, "said so");
      const error = await calls.stopWorker(1n).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, message: "said so" });
    },
  );
});
