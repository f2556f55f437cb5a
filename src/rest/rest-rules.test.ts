// The rules of both APIs, each row what a caller sends and what it gets: the reference's answers,
// and a clear 4xx where the reference's answer is a defect.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { noOpClass, noOpSpec, ownClass } from "./recorded-services.ts";
import { startTestAgent, startTestCoordinator, stopServers } from "./server-fixture.ts";

let coordinator: Awaited<ReturnType<typeof startTestCoordinator>>;
let agent: Awaited<ReturnType<typeof startTestAgent>>;

beforeAll(async () => {
  coordinator = await startTestCoordinator();
  agent = await startTestAgent();
});
afterAll(stopServers);

const json = { "Content-Type": "application/json" };

/** `POST /path` with a body, to the daemon that the path belongs to. */
function call(line: string, body?: string, headers: Record<string, string> = json) {
  const [method = "", path = ""] = line.split(" ");
  const { port } = path.startsWith("/agent") ? agent : coordinator;
  const hasBody = body !== undefined;
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: hasBody ? headers : headers === json ? {} : headers,
    ...(hasBody ? { body } : {}),
  });
}

async function codeOf(response: Response): Promise<number> {
  const body = (await response.json()) as Record<string, unknown>;
  expect(Object.keys(body)).toEqual(["code", "message"]);
  expect(body["code"]).toBe(response.status);
  expect(body["message"]).toBeString();
  expect(response.headers.get("content-type")).toBe("application/json");
  return response.status;
}

const spec = `{"class":"${noOpClass}"}`;
const create = "POST /coordinator/task/create";
const createWorker = "POST /agent/worker/create";

describe("a refused request has exactly code and message", () => {
  test.each([
    [400, create, "{"],
    [400, create, "hello"],
    [400, create, ""],
    [400, create, "null"],
    [400, create, "[]"],
    [400, create, "17"],
    [400, create, `{"id":"a","spec":${spec}} junk`],
    [400, create, `{"id":"a","spec":${spec}}{}`],
    [400, create, `{'id':"a","spec":${spec}}`],
    [400, create, `{"id":"a","spec":${spec},}`],
    [400, create, `{"id":NaN,"spec":${spec}}`],
    [400, create, `{"id":"a","spec":{"class":"${noOpClass}",}}`],
    [400, create, `{"spec":${spec}}`],
    [400, create, `{"id":null,"spec":${spec}}`],
    [400, create, `{"id":["a"],"spec":${spec}}`],
    [400, create, `{"id":{},"spec":${spec}}`],
    [400, create, `{"ID":"a","spec":${spec}}`],
    [400, create, `{"id":"a"}`],
    [400, create, `{"id":"a","spec":null}`],
    [400, create, `{"id":"a","spec":${spec},"bogus":1}`],
    [400, create, `{"id":"a","spec":{"class":"${noOpClass}","bogus":1}}`],
    [400, create, `{"id":"a","spec":${"[".repeat(2000)}}`],
    [501, create, `{"id":"a","spec":{}}`],
    [501, create, `{"id":"a","spec":"text"}`],
    [501, create, `{"id":"a","spec":{"class":"org.example.Nope"}}`],
    [400, "PUT /coordinator/task/stop", "{}"],
    [400, "PUT /coordinator/task/stop", `{"id":null}`],
    [400, "PUT /coordinator/task/stop", `{"id":""}`],
    [400, "PUT /coordinator/task/stop", `{"id":"a","bogus":1}`],
    [400, "PUT /coordinator/task/stop", "null"],
    [400, "PUT /coordinator/task/stop", undefined],
    [400, "DELETE /coordinator/tasks", undefined],
    [400, "DELETE /coordinator/tasks?taskId=", undefined],
    [400, "GET /coordinator/tasks?state=BOGUS", undefined],
    [400, "GET /coordinator/tasks?state=done", undefined],
    [400, "GET /coordinator/tasks?firstStartMs=abc", undefined],
    [400, "GET /coordinator/tasks?lastEndMs=1.5", undefined],
    [400, "GET /coordinator/tasks?firstEndMs=9223372036854775808", undefined],
    [404, "GET /coordinator/tasks/nope", undefined],
    [400, "GET /coordinator/tasks/%zz", undefined],
    [400, "GET /coordinator/tasks/%ff", undefined],
    [400, "PUT /coordinator/shutdown", "null"],
    [400, "PUT /coordinator/shutdown", `{"stopAgents":"abc"}`],
    [400, "PUT /coordinator/shutdown", `{"stopAgents":1.5}`],
    [400, "PUT /coordinator/shutdown", `{"stopAgents":[]}`],
    [404, "GET /", undefined],
    [404, "GET /coordinator", undefined],
    [404, "GET /Coordinator/status", undefined],
    [404, "GET /coordinator/status//", undefined],
    [404, "GET /coordinator/nope", undefined],
    [404, "GET /trogdor/coordinator/nodes", undefined],
    [405, "POST /coordinator/status", undefined],
    [405, "DELETE /coordinator/tasks/a", undefined],
    [405, "GET /coordinator/task/create", undefined],
    [405, "PATCH /coordinator/tasks", undefined],
    [400, createWorker, `{"workerId":1,"taskId":"a"}`],
    [400, createWorker, `{"workerId":"x","taskId":"a","spec":${spec}}`],
    [400, createWorker, `{"workerId":true,"spec":${spec}}`],
    [400, createWorker, `{"workerId":[7],"spec":${spec}}`],
    [400, createWorker, `{"workerId":9223372036854775808,"spec":${spec}}`],
    [400, createWorker, `{"workerId":1e30,"spec":${spec}}`],
    [400, createWorker, `{"workerId":1,"bogus":1,"spec":${spec}}`],
    [501, createWorker, `{"workerId":1,"spec":{"class":"org.example.Nope"}}`],
    [400, "PUT /agent/worker/stop", `{"workerId":"x"}`],
    [400, "PUT /agent/worker/stop", undefined],
    [400, "DELETE /agent/worker?workerId=abc", undefined],
    [404, "DELETE /agent/worker/7", undefined],
    [404, "GET /coordinator/agent/status", undefined],
  ] as const)("%d for %s with %j", async (status, line, body) => {
    const [changes, workerChanges] = [coordinator.service.calls, agent.service.calls];
    const before = [changes.length, workerChanges.length];
    expect(await codeOf(await call(line, body))).toBe(status);
    expect([changes.length, workerChanges.length]).toEqual(before);
  });
});

describe("what is sent is read as Jackson reads it", () => {
  const stop = "PUT /agent/worker/stop";
  test.each([
    [create, `{"id":"a","spec":${spec}}`, ["createTask", "a", noOpSpec()]],
    [create, `{"id":17,"spec":${spec}}`, ["createTask", "17", noOpSpec()]],
    [create, `{"id":1.50,"spec":${spec}}`, ["createTask", "1.50", noOpSpec()]],
    [create, `{"id":true,"spec":${spec}}`, ["createTask", "true", noOpSpec()]],
    [create, `{"id":"b20","id":"b21","spec":${spec}}`, ["createTask", "b21", noOpSpec()]],
    [create, `/* c */ {"spec":${spec}, // c\n"id":"a"} // c`, ["createTask", "a", noOpSpec()]],
    [create, `{"id":"","spec":${spec}}`, ["createTask", "", noOpSpec()]],
    ["PUT /coordinator/task/stop", `{"id":"x"}`, ["stopTask", "x"]],
    ["DELETE /coordinator/tasks?taskId=a+b%20c%2F&taskId=d", undefined, ["destroyTask", "a b c/"]],
    ["PUT /coordinator/shutdown", undefined, ["shutdown", false]],
    ["PUT /coordinator/shutdown", "{}", ["shutdown", false]],
    ["PUT /coordinator/shutdown", `{"stopAgents":true}`, ["shutdown", true]],
    ["PUT /coordinator/shutdown", `{"stopAgents":"True"}`, ["shutdown", true]],
    ["PUT /coordinator/shutdown", `{"stopAgents":0}`, ["shutdown", false]],
    ["PUT /coordinator/shutdown", `{"stopAgents":""}`, ["shutdown", false]],
    ["PUT /coordinator/shutdown/", `{"stopAgents":null}`, ["shutdown", false]],
    [stop, "{}", ["stopWorker", 0n]],
    [stop, `{"workerId":null}`, ["stopWorker", 0n]],
    [stop, `{"workerId":1.7}`, ["stopWorker", 1n]],
    [stop, `{"workerId":1.5e3}`, ["stopWorker", 1500n]],
    [stop, `{"workerId":""}`, ["stopWorker", 0n]],
    [stop, `{"workerId":"7"}`, ["stopWorker", 7n]],
    [stop, `{"workerId":-7}`, ["stopWorker", -7n]],
    [stop, `{"workerId":4610503666182218107}`, ["stopWorker", 4610503666182218107n]],
    [stop, `{"workerId":-9223372036854775808}`, ["stopWorker", -9223372036854775808n]],
    ["DELETE /agent/worker", undefined, ["destroyWorker", 0n]],
    ["DELETE /agent/worker?workerId=", undefined, ["destroyWorker", 0n]],
    [
      "DELETE /agent/worker?workerId=4610503666182218107&workerId=2",
      undefined,
      ["destroyWorker", 4610503666182218107n],
    ],
    [
      createWorker,
      `{"spec":${spec}}`,
      ["createWorker", { workerId: 0n, taskId: "", spec: noOpSpec() }],
    ],
    [
      createWorker,
      `{"workerId":"7","taskId":8,"spec":${spec}}`,
      ["createWorker", { workerId: 7n, taskId: "8", spec: noOpSpec() }],
    ],
    ["PUT /agent/shutdown", undefined, ["shutdown"]],
    ["PUT /agent/shutdown", "anything", ["shutdown"]],
  ] as const)("%s with %j", async (line, body, expected) => {
    const response = await call(line, body);
    expect([response.status, await response.text()]).toEqual([200, "{}"]);
    const { service } = line.includes(" /agent") ? agent : coordinator;
    expect(service.calls.at(-1)).toEqual([...expected]);
  });

  const noFilter = {
    taskIds: new Set<string>(),
    firstStartMs: 0,
    lastStartMs: 0,
    firstEndMs: 0,
    lastEndMs: 0,
    state: undefined,
  };

  test.each([
    ["", {}],
    ["?taskId=a&taskId=b,c&taskId=", { taskIds: new Set(["a", "b,c", ""]) }],
    ["?state=DONE&state=BOGUS&unknown=1", { state: "DONE" }],
    ["?state=&firstStartMs=", {}],
    ["?firstStartMs=-5&lastEndMs=%2B7", { firstStartMs: -5, lastEndMs: 7 }],
  ])("the filter %j", async (query, expected) => {
    await call(`GET /coordinator/tasks${query}`);
    expect(coordinator.service.calls.at(-1)).toEqual(["tasks", { ...noFilter, ...expected }]);
  });
});

describe("what would take long to refuse", () => {
  const many = (member: (index: number) => string) =>
    Array.from({ length: 100_000 }, (_, i) => member(i));

  test.each([
    ["names that repeat", 200, `{"id":"a","spec":${spec},${many(() => '"id":"a"')}}`],
    ["unknown names", 400, `{"id":"a","spec":${spec},${many((index) => `"x${index}":1`)}}`],
    [
      "unknown names in a spec",
      400,
      `{"id":"a","spec":{"class":"${noOpClass}",${many((i) => `"x${i}":1`)}}}`,
    ],
    ["depth", 400, "[".repeat(1_000_000)],
  ])(
    "is refused soon: %s",
    async (_name, status, body) => {
      const response = await call(create, body);
      expect(response.status).toBe(status);
      expect((await response.text()).length).toBeLessThan(10_000);
    },
    3000,
  );
});

describe("types of content", () => {
  test.each([
    [200, "GET", {}],
    [200, "GET", { "Content-Type": "application/json" }],
    [200, "GET", { "Content-Type": "Application/JSON; charset=utf-8", Accept: "*/*" }],
    [200, "GET", { Accept: "text/html, application/json;q=0.5" }],
    [200, "GET", { Accept: "application/*" }],
    [200, "GET", { Accept: "" }],
    [415, "GET", { "Content-Type": "text/json" }],
    [415, "GET", { "Content-Type": "application/x+json" }],
    [415, "GET", { "Content-Type": "application/jsonx" }],
    [406, "GET", { Accept: "text/html" }],
    [406, "GET", { Accept: "application/json;q=0" }],
  ] as const)("%d for %s with %j", async (status, method, headers) => {
    const response = await call(`${method} /coordinator/uptime`, undefined, headers);
    expect(response.status).toBe(status);
    if (status !== 200) expect(await codeOf(response)).toBe(status);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "a body of type %s is refused",
    async (type) => {
      const body = `{"id":"never","spec":${spec}}`;
      expect(await codeOf(await call(create, body, { "Content-Type": type }))).toBe(415);
    },
  );

  test("a body that is not UTF-8 is refused", async () => {
    const response = await fetch(`http://127.0.0.1:${coordinator.port}/coordinator/task/stop`, {
      method: "PUT",
      headers: json,
      body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    });
    expect(await codeOf(response)).toBe(400);
  });
});

describe("every answer", () => {
  test("says version and time of the daemon, and that it is JSON without more", async () => {
    const { headers } = await call("GET /agent/uptime");
    expect(headers.get("trogdor-version")).toMatch(/^\d+\.\d+\.\d+/);
    expect(headers.get("trogdor-now-ms")).toBe("12345");
    expect(headers.get("content-type")).toBe("application/json");
  });

  test("ends the connection when the daemon was told to end", async () => {
    const { headers } = await call("PUT /agent/shutdown");
    expect(headers.get("connection")).toBe("close");
  });
});

describe("the answers without states are byte for byte the reference's", () => {
  test.each([
    ["GET /coordinator/status", `{"serverStartMs":111}`],
    ["GET /coordinator/status/", `{"serverStartMs":111}`],
    ["GET /coordinator/uptime", `{"serverStartMs":111,"nowMs":150}`],
    ["GET /coordinator/tasks", `{"tasks":{}}`],
    ["GET /agent/status", `{"serverStartMs":111}`],
    ["GET /agent/uptime", `{"serverStartMs":111,"nowMs":150}`],
    ["GET /health", `{"status":"ok"}`],
  ])("%s", async (line, text) => {
    expect(await (await call(line)).text()).toBe(text);
  });

  test("HEAD answers as GET without the body", async () => {
    const response = await call("HEAD /coordinator/uptime");
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(response.headers.get("content-type")).toBe("application/json");
  });

  test("OPTIONS lists what a path takes", async () => {
    const response = await call("OPTIONS /coordinator/tasks");
    expect(response.status).toBe(200);
    expect(response.headers.get("allow")).toBe("HEAD,GET,DELETE,OPTIONS");
    expect(response.headers.get("content-type")).toBe("text/plain");
  });
});

test("a class of our own is read from everyone", async () => {
  const response = await call(create, `{"id":"own","spec":{"class":"${ownClass}"}}`);
  expect(response.status).toBe(200);
});
