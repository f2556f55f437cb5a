// Any JSON to any path of both APIs: every answer is one of the API's own, a refusal has code and
// message, nothing is a defect of the daemon (500), and what reaches the service is well typed.
// One fixed seed, one fresh one that fast-check prints when it fails. What was found stands as
// named cases.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { taskTypes } from "../tasks/registry.ts";
import { specCatalog } from "../tasks/spec-catalog.ts";
import { coordinatorClient } from "./coordinator-client.ts";
import { noOpClass, noOpSpec } from "./recorded-services.ts";
import { startTestAgent, startTestCoordinator, stopServers } from "./server-fixture.ts";

let coordinator: Awaited<ReturnType<typeof startTestCoordinator>>;
let agent: Awaited<ReturnType<typeof startTestAgent>>;

beforeAll(async () => {
  coordinator = await startTestCoordinator({}, {}, specCatalog);
  agent = await startTestAgent({}, {}, specCatalog);
});
afterAll(stopServers);

const methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
const paths = [
  "/coordinator/status",
  "/coordinator/task/create",
  "/coordinator/task/stop",
  "/coordinator/tasks",
  "/coordinator/tasks/",
  "/coordinator/shutdown",
  "/agent/status",
  "/agent/worker/create",
  "/agent/worker/stop",
  "/agent/worker",
  "/agent/shutdown",
  "/health",
];
const names = ["id", "taskId", "workerId", "stopAgents", "spec", "class", "startMs", "state"];

const name = fc.oneof(fc.constantFrom(...names), fc.string({ unit: "binary", maxLength: 8 }));
const scalar = fc.oneof(
  fc.constantFrom("null", "true", '"true"', '""', "1.9", "1e3", "-0", "9223372036854775808"),
  fc.constantFrom(`"${noOpClass}"`, `{"class":"${noOpClass}"}`),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc.double().map((value) => JSON.stringify(value)),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => JSON.stringify(text)),
);
const { json } = fc.letrec<{ json: string; list: string; object: string }>((tie) => ({
  json: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalar, tie("object"), tie("list")),
  list: fc.array(tie("json"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
  object: fc
    .array(fc.tuple(name, tie("json")), { maxLength: 5 })
    .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`)}}`),
}));
/** A spec of a known class with some of its own fields, and values of any kind in them. */
const spec = fc.constantFrom(...taskTypes).chain(({ className, schema }) => {
  const { entries } = schema as unknown as { entries: Readonly<Record<string, unknown>> };
  const field = fc.constantFrom(...Object.keys(entries).filter((key) => key !== "class"));
  const members = fc.array(fc.tuple(field, fc.oneof(scalar, json)), { maxLength: 3 });
  return members.map((all) => {
    const texts = all.map(([key, value]) => `${JSON.stringify(key)}:${value}`);
    return `{${[`"class":"${className}"`, ...texts].join(",")}}`;
  });
});
const idText = fc.string({ unit: "binary", maxLength: 8 }).map((text) => JSON.stringify(text));
const workerId = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const body = fc.oneof(
  { weight: 8, arbitrary: json },
  { weight: 1, arbitrary: json.map((text) => text.slice(0, -1)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
);
const queryPart = fc.tuple(name, fc.oneof(fc.string({ maxLength: 10 }), scalar));
const query = fc.array(queryPart, { maxLength: 3 }).map((parts) => {
  const pairs = parts.map(([key, value]): [string, string] => [key, value]);
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
});
const segment = fc.oneof(fc.constant(""), fc.string({ maxLength: 6 }).map(encodeURIComponent));
interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body?: string | undefined;
}

/** Anything anywhere. */
const wild: fc.Arbitrary<FuzzRequest> = fc
  .record({
    method: fc.constantFrom(...methods),
    path: fc.constantFrom(...paths),
    segment,
    query,
    body: fc.option(body, { nil: undefined }),
  })
  .map(({ path, segment: tail, ...rest }) => ({
    ...rest,
    path: path.endsWith("/") ? `${path}${tail}` : path,
  }));

/** What looks like a request of its path. */
const aimed: fc.Arbitrary<FuzzRequest> = fc.oneof(
  fc
    .tuple(idText, spec)
    .map(([id, text]) => sent("POST /coordinator/task/create", `{"id":${id},"spec":${text}}`)),
  fc
    .tuple(workerId, idText, spec)
    .map(([id, task, text]) =>
      sent("POST /agent/worker/create", `{"workerId":${id},"taskId":${task},"spec":${text}}`),
    ),
  fc.oneof(idText, scalar).map((id) => sent("PUT /coordinator/task/stop", `{"id":${id}}`)),
  fc
    .oneof(workerId.map(String), scalar)
    .map((id) => sent("PUT /agent/worker/stop", `{"workerId":${id}}`)),
  fc.oneof(workerId.map(String), fc.string({ maxLength: 5 })).map((id) => ({
    method: "DELETE",
    path: "/agent/worker",
    query: `?${new URLSearchParams({ workerId: id })}`,
  })),
);

function sent(line: string, text: string): FuzzRequest {
  const [method = "", path = ""] = line.split(" ");
  return { method, path, query: "", body: text };
}

const request = fc.oneof(wild, aimed);

const statuses = [200, 400, 404, 405, 413, 501];

async function check(one: FuzzRequest) {
  const { port, service } = one.path.startsWith("/agent") ? agent : coordinator;
  service.calls.length = 0;
  const hasBody = one.body !== undefined && one.method !== "GET" && one.method !== "HEAD";
  const response = await fetch(`http://127.0.0.1:${port}${one.path}${one.query}`, {
    method: one.method,
    ...(hasBody ? { body: one.body!, headers: { "Content-Type": "application/json" } } : {}),
  });
  const text = await response.text();
  expect(statuses).toContain(response.status);
  if (one.method === "OPTIONS" || one.method === "HEAD") return;
  const answer = JSON.parse(text) as Record<string, unknown>;
  if (response.status !== 200) {
    expect(Object.keys(answer)).toEqual(["code", "message"]);
    expect(answer["code"]).toBe(response.status);
    expect(service.calls).toEqual([]);
  }
  for (const call of service.calls) checkCall(call);
}

/** How often a call came through to the service. */
const reached = new Map<string, number>();

function checkCall([what, first, second]: readonly unknown[]): void {
  reached.set(String(what), (reached.get(String(what)) ?? 0) + 1);
  switch (what) {
    case "createTask":
      expect([typeof first, typeof second]).toEqual(["string", "object"]);
      break;
    case "stopTask":
    case "destroyTask":
      expect(first).toBeString();
      expect(first).not.toBe("");
      break;
    case "createWorker":
      expect(first).toMatchObject({ workerId: expect.any(BigInt), taskId: expect.any(String) });
      break;
    case "stopWorker":
    case "destroyWorker":
      expect(BigInt.asIntN(64, first as bigint)).toBe(first as bigint);
      break;
    default:
      expect(["shutdown", "tasks"]).toContain(what as string);
  }
}

describe("any request", () => {
  test.each([
    ["a fixed seed", { seed: 20_251_121, numRuns: 1500 }],
    ["a fresh seed", { numRuns: 300 }],
  ])(
    "%s",
    async (_name, parameters) => {
      reached.clear();
      await fc.assert(fc.asyncProperty(request, check), parameters);
      for (const what of ["createTask", "createWorker", "stopWorker"]) {
        expect(reached.get(what) ?? 0).toBeGreaterThan(0);
      }
    },
    60_000,
  );
});

describe("any text", () => {
  test.each([
    ["a fixed seed", { seed: 4, numRuns: 300 }],
    ["a fresh seed", { numRuns: 60 }],
  ])(
    "is an id that every call carries unchanged: %s",
    async (_name, parameters) => {
      const { port, service } = coordinator;
      const client = coordinatorClient({
        hostname: "127.0.0.1",
        port,
        clock: { sleep: async () => {} },
      });
      const ids = fc.string({ unit: "binary", minLength: 1, maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(ids, async (id) => {
          service.calls.length = 0;
          service.states.clear();
          await client.createTask(id, noOpSpec().text);
          await client.stopTask(id);
          await client.destroyTask(id);
          expect(service.calls.map(([, given]) => given)).toEqual([id, id, id]);
          service.states.set(id, { state: "PENDING", spec: noOpSpec(), status: "null" });
          expect((await client.task(id)).state).toBe("PENDING");
          expect([...(await client.tasks({ taskIds: new Set([id]) })).keys()]).toEqual([id]);
        }),
        parameters,
      );
      client.close();
    },
    60_000,
  );
});

describe("found by such runs", () => {
  test("half of a surrogate pair is no id", async () => {
    const create = { method: "POST", path: "/coordinator/task/create", query: "" };
    const spec = `{"class":"${noOpClass}"}`;
    await check({ ...create, body: `{"id":"\\ud800","spec":${spec}}` });
    expect(coordinator.service.calls).toEqual([]);
  });
});
