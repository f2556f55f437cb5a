// Who may call and who is taken for whom: tokens, TLS, web pages, Java programs, and the owner of a
// loopback connection.

import { afterEach, describe, expect, test } from "bun:test";
import { agentClient } from "./agent-client.ts";
import type { ExtendedCoordinatorService } from "./coordinator-extras.ts";
import { httpAgentCalls } from "./http-agent-calls.ts";
import { type Listening, loopbackListening } from "./listening.ts";
import { findUserId, procPeerUserId } from "./proc-peer-user.ts";
import { rawExchange } from "./raw-exchange.ts";
import { noOpClass, noOpSpec, ownSpec, smallCatalog } from "./recorded-services.ts";
import { startTestAgent, startTestCoordinator, stopServers } from "./server-fixture.ts";

afterEach(stopServers);

const withToken: Listening = { ...loopbackListening, trust: "token", token: "secret" };
const insecure: Listening = { ...loopbackListening, trust: "insecure" };

async function statusFor(port: number, headers: readonly string[], path = "/agent/uptime") {
  const host = headers.some((line) => /^host:/i.test(line)) ? [] : [`Host: localhost:${port}`];
  const lines = [`GET ${path} HTTP/1.1`, ...host, ...headers, "", ""].join("\r\n");
  const { answers } = await rawExchange(port, [lines], 1);
  return answers[0]?.status;
}

describe("with a token", () => {
  test.each([
    [200, ["Authorization: Bearer secret"]],
    [200, ["Authorization: bearer secret"]],
    [401, []],
    [401, ["Authorization: Bearer wrong"]],
    [401, ["Authorization: Bearer secret1"]],
    [401, ["Authorization: Bearer"]],
    [401, ["Authorization: Basic secret"]],
    [401, ["Authorization: secret"]],
  ])("%d for %j", async (status, headers) => {
    const { port } = await startTestAgent({ listening: withToken });
    expect(await statusFor(port, headers)).toBe(status);
  });

  test("unknown paths tell nothing without it, and life is told to everyone", async () => {
    const { port } = await startTestAgent({ listening: withToken });
    expect(await statusFor(port, [], "/nope")).toBe(401);
    expect(await statusFor(port, [], "/metrics")).toBe(401);
    expect(await statusFor(port, [], "/health")).toBe(200);
  });

  test("clients send it", async () => {
    const { port, service } = await startTestAgent({ listening: withToken });
    const address = { hostname: "127.0.0.1", port };
    const clock = { sleep: async () => {} };
    const client = agentClient({ ...address, clock, token: "secret" });
    expect(await client.uptime()).toEqual({ serverStartMs: 111, nowMs: 150 });
    const wrong = agentClient({ ...address, clock, token: "wrong" });
    expect(await wrong.uptime().catch((error) => error.code)).toBe("refused");
    const calls = httpAgentCalls({
      coordinatorId: "c",
      catalog: smallCatalog,
      address: () => address,
      token: "secret",
    }).connect("n1");
    await calls.stopWorker(5n);
    expect(service.calls).toEqual([["stopWorker", 5n]]);
    expect(await service.callers[0]?.mayRunCommands()).toBe(true);
  });
});

describe("a web page", () => {
  test.each([
    [403, ["Origin: http://evil.example"]],
    [403, ["Origin: null"]],
    [403, ["Origin: http://localhost:1"]],
    [403, ["Sec-Fetch-Site: cross-site"]],
    [403, ["Sec-Fetch-Site: same-site"]],
    [403, ["Host: evil.example"]],
    [403, ["Host: localhost.evil.example:80"]],
    [403, ["Host: 127.0.0.1.evil.example"]],
    [403, ["Host: 192.168.0.1"]],
    [200, ["Sec-Fetch-Site: same-origin"]],
    [200, ["Sec-Fetch-Site: none"]],
    [200, ["Host: localhost"]],
    [200, ["Host: LOCALHOST:1234"]],
    [200, ["Host: 127.0.0.1:8888"]],
    [200, ["Host: [::1]:8888"]],
    [200, ["Host: node-1:8888"]],
    [200, ["Host: x:1", "Origin: http://x:1"]],
  ] as const)("%d for %j", async (status, headers) => {
    const listening = { ...loopbackListening, hostNames: ["node-1", "X"] };
    const { port } = await startTestAgent({ listening });
    expect(await statusFor(port, headers)).toBe(status);
  });

  test("of another origin is refused on an open daemon as well, by any name of it", async () => {
    const { port } = await startTestAgent({ listening: insecure });
    expect(await statusFor(port, ["Host: node-7:8888"])).toBe(200);
    expect(await statusFor(port, ["Host: node-7:8888", "Origin: http://evil"])).toBe(403);
  });
});

describe("a Java program", () => {
  const task = (spec: typeof ownSpec) => ({ state: "PENDING", spec, status: "null" }) as const;
  const java = { "User-Agent": "kafka" };

  test("gets lists without what Java cannot read", async () => {
    const extras: Partial<ExtendedCoordinatorService> = { merged: () => "{}" };
    const { port, service } = await startTestCoordinator({}, extras);
    service.states.set("a", task(ownSpec)).set("b", task(noOpSpec()));
    service.states.set("c", {
      ...task(noOpSpec()),
      state: "RUNNING",
      startedMs: 1,
      status: `{"n1":1}`,
    });
    const url = `http://127.0.0.1:${port}/coordinator/tasks`;
    const read = async (path: string, headers: Record<string, string>) => {
      const response = await fetch(`${url}${path}`, { headers });
      return { status: response.status, text: await response.text() };
    };
    const list = await read("", java);
    expect(Object.keys(JSON.parse(list.text).tasks)).toEqual(["b", "c"]);
    expect(list.text).not.toContain("trogdor.merged");
    expect((await read("", {})).text).not.toContain("trogdor.merged");
    expect((await read("?taskId=c", java)).text).not.toContain("trogdor.merged");
    expect((await read("?taskId=c", {})).text).toContain("trogdor.merged");
    expect((await read("/a", java)).status).toBe(501);
    expect((await read("/a", {})).status).toBe(200);
  });

  test("is known by its User-Agent; one of our coordinators by its id", async () => {
    const { port, service } = await startTestAgent();
    const url = `http://127.0.0.1:${port}/agent/worker?workerId=1`;
    await fetch(url, { method: "DELETE", headers: java });
    await fetch(url, { method: "DELETE", headers: { "Trogdor-Coordinator": "c 7" } });
    expect(service.callers.map(({ isJava, coordinatorId }) => ({ isJava, coordinatorId }))).toEqual(
      [
        { isJava: true, coordinatorId: "" },
        { isJava: false, coordinatorId: "c 7" },
      ],
    );
  });
});

describe("who may run commands", () => {
  async function allowed(listening: Listening, peerUserId?: typeof procPeerUserId) {
    const { port, service } = await startTestAgent({
      listening,
      ...(peerUserId === undefined ? {} : { peerUserId }),
    });
    await fetch(`http://127.0.0.1:${port}/agent/worker?workerId=1`, { method: "DELETE" });
    return service.callers[0]?.mayRunCommands();
  }

  test("on loopback: a program of the daemon's own user, by the kernel's tables", async () => {
    const { port, service } = await startTestAgent({ peerUserId: procPeerUserId });
    let allowedWhileOpen: boolean | undefined;
    service.destroyWorker = async (_id, caller) => {
      allowedWhileOpen = await caller.mayRunCommands();
    };
    await fetch(`http://127.0.0.1:${port}/agent/worker?workerId=1`, { method: "DELETE" });
    expect(allowedWhileOpen).toBe(true);
  });

  test("on loopback: not a program of another user, or of nobody known", async () => {
    const other = (process.getuid?.() ?? 0) + 1;
    expect(await allowed(loopbackListening, async () => other)).toBe(false);
    expect(await allowed(loopbackListening, async () => undefined)).toBe(false);
    expect(await allowed(loopbackListening)).toBe(false);
  });

  test("who holds the token; everyone when the network is trusted", async () => {
    expect(await allowed(insecure)).toBe(true);
  });

  test("the tables are read for both kinds of address", () => {
    const [mapped, six] = ["0000000000000000FFFF00000100007F", "00000000000000000000000001000000"];
    const table = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid",
      " 0: 0100007F:22B8 0100007F:D431 01 00000000:00000000 00:00000000 00000000 5 0 1",
      " 1: 0100007F:D431 0100007F:22B8 01 00000000:00000000 00:00000000 00000000  1000  0 2",
      ` 2: ${mapped}:D432 ${mapped}:22B8 01 0:0 0:0 0 7`,
      ` 3: ${six}:D433 ${six}:22B8 01 0:0 0:0 0 8`,
      "garbage",
    ].join("\n");
    const find = (callerAddress: string, callerPort: number) =>
      findUserId(table, { callerAddress, callerPort, daemonPort: 8888 });
    expect(find("127.0.0.1", 0xd431)).toBe(1000);
    expect(find("::ffff:127.0.0.1", 0xd431)).toBe(1000);
    expect(find("127.0.0.1", 0xd432)).toBe(7);
    expect(find("::1", 0xd433)).toBe(8);
    expect(find("127.0.0.2", 0xd431)).toBeUndefined();
    expect(find("127.0.0.1", 1)).toBeUndefined();
  });
});

describe("a call that was meant for another node", () => {
  const callsOf = (port: number, node: string) =>
    httpAgentCalls({
      coordinatorId: "c",
      catalog: smallCatalog,
      address: () => ({ hostname: "127.0.0.1", port }),
    }).connect(node);

  test("is refused with both names", async () => {
    const { port, service } = await startTestAgent({ node: "n1" });
    const error = await callsOf(port, "n2")
      .stopWorker(1n)
      .catch((thrown: unknown) => thrown);
    expect(error).toHaveProperty("code", "refused");
    expect(String(error)).toContain("this agent is node n1, and the call was meant for node n2");
    expect(service.calls).toEqual([]);
  });

  test("is not one when the names agree, or no name was given", async () => {
    const { port, service } = await startTestAgent({ node: "nö d" });
    await callsOf(port, "nö d").stopWorker(1n);
    expect(await statusFor(port, [])).toBe(200);
    expect(service.calls).toEqual([["stopWorker", 1n]]);
  });
});

test("a create of a class of ours goes to our agents only", async () => {
  const java = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("{}", { headers: { "Content-Type": "application/json" } }),
  });
  const calls = httpAgentCalls({
    coordinatorId: "c",
    catalog: smallCatalog,
    address: () => ({ hostname: "127.0.0.1", port: java.port ?? 0 }),
  }).connect("n7");
  const create = (spec: typeof ownSpec) =>
    calls.createWorker({ workerId: 1n, taskId: "t", spec }).catch((error: Error) => error);
  expect(await create(ownSpec)).toMatchObject({
    code: "unknownClass",
    message: "node n7 runs a Java agent, which does not know trogdor.OwnSpec",
  });
  const text = `{"class":"${noOpClass}","startMs":0,"durationMs":0,"extension":1}`;
  expect(await create({ ...noOpSpec(), text })).toMatchObject({
    code: "invalidRequest",
    message: "node n7 runs a Java agent, which does not know the field extension",
  });
  expect(await create(noOpSpec())).toBeUndefined();
  await java.stop(true);
});
