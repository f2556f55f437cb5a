// What clients make of answers: in pieces, in chunks, without length, as HTML, garbled, never. The
// daemons here are scripts that write bytes.

import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import fc from "fast-check";
import { agentClient } from "./agent-client.ts";
import { coordinatorClient } from "./coordinator-client.ts";
import { httpAgentCalls } from "./http-agent-calls.ts";
import { NoAnswerError } from "./http-call.ts";
import { answerReader } from "./read-http-answer.ts";
import { noOpSpec, smallCatalog } from "./recorded-services.ts";
import { socketTransport } from "./socket-transport.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) {
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A daemon that answers each request with the next script; what it was sent is kept. */
async function scripted(...scripts: readonly ((socket: Socket) => void)[]) {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      requests.push(bytes.toString("latin1"));
      const script = scripts[Math.min(requests.length, scripts.length) - 1];
      script?.(socket);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { port, requests, connections: () => connections };
}

const answer = (body: string, status = "200 OK", more = "") =>
  `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n${more}` +
  `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const says = (text: string) => (socket: Socket) => void socket.write(text);
const saysAndEnds = (text: string) => (socket: Socket) => void socket.end(text);
const breaks = (socket: Socket) => void socket.destroy();

const pausesMs: number[] = [];
const clock = {
  async sleep(ms: number) {
    pausesMs.push(ms);
  },
};
const client = (port: number) => coordinatorClient({ hostname: "127.0.0.1", port, clock });
const uptime = '{"serverStartMs":1,"nowMs":2}';
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe("an error answer", () => {
  test.each([
    ["409 Conflict", '{"code":409,"message":"used"}', "conflict", "used"],
    ["500 Server Error", '{"code":409,"message":"used"}', "conflict", "used"],
    [
      "404 Not Found",
      '{"code":404}',
      "notFound",
      "GET /coordinator/uptime was answered with HTTP 404",
    ],
    [
      "501 Not Implemented",
      "",
      "unknownClass",
      "GET /coordinator/uptime was answered with HTTP 501",
    ],
    [
      "400 Bad Request",
      "<html>no</html>",
      "invalidRequest",
      "GET /coordinator/uptime was answered with HTTP 400",
    ],
    ["500 Server Error", '{"code":500,"message":"x","third":1}', "unavailable", "x"],
    ["500 Server Error", '{"code":"409","message":"quoted"}', "conflict", "quoted"],
    ["403 Forbidden", '{"code":403,"message":"no"}', "refused", "no"],
    ["302 Found", "", "unavailable", "GET /coordinator/uptime was answered with HTTP 302"],
  ])("%s with %j is not tried again", async (status, body, code, message) => {
    const daemon = await scripted(says(answer(body, status)));
    expect(await failure(client(daemon.port).uptime())).toMatchObject({ code, message });
    expect(daemon.requests).toHaveLength(1);
  });
});

describe("no answer", () => {
  test.each([
    ["a connection that breaks", breaks],
    ["a connection that ends", saysAndEnds("")],
    ["half an answer", saysAndEnds(answer(uptime).slice(0, -5))],
    ["an answer that is no JSON", says(answer("<html>"))],
    ["an empty answer", says(answer(""))],
    ["JSON of another kind", says(answer("[]"))],
    ["a wrong member", says(answer('{"serverStartMs":"x"}'))],
    ["what is no HTTP", says("SSH-2.0-x\r\n")],
    ["a wrong length", says("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")],
    ["garbled chunks", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n\r\n")],
  ])("%s: three tries, pausing 2 ms and 10 ms", async (_name, script) => {
    pausesMs.length = 0;
    const daemon = await scripted(script);
    const error = await failure(client(daemon.port).uptime());
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error).toMatchObject({ code: "unavailable" });
    expect(daemon.requests.length).toBeGreaterThanOrEqual(3);
    expect(pausesMs).toEqual([2, 10]);
  });

  test("the third try may succeed", async () => {
    const daemon = await scripted(breaks, breaks, says(answer(uptime)));
    expect(await client(daemon.port).uptime()).toEqual({ serverStartMs: 1, nowMs: 2 });
  });

  test("within the time ends a call", async () => {
    const daemon = await scripted(() => {});
    const transport = socketTransport({ hostname: "127.0.0.1", port: daemon.port });
    const error = await failure(transport.call({ method: "GET", path: "/x", timeoutMs: 30 }));
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(String(error)).toContain("no answer within 30 ms");
    transport.close();
  });

  test("a port where nothing listens", async () => {
    const daemon = await scripted();
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const error = await failure(client(daemon.port).uptime());
    expect(error).toMatchObject({ code: "unavailable", cause: { code: "ECONNREFUSED" } });
  });

  test("to the coordinator's own calls is final: one try", async () => {
    const daemon = await scripted(breaks);
    const calls = agentCalls(daemon.port);
    expect(await failure(calls.stopWorker(1n))).toMatchObject({ code: "unavailable" });
    expect(daemon.requests).toHaveLength(1);
  });
});

function agentCalls(port: number) {
  return httpAgentCalls({
    coordinatorId: "c",
    catalog: smallCatalog,
    address: () => ({ hostname: "127.0.0.1", port }),
  }).connect("n");
}

const ours = answer('{"serverStartMs":1}', "200 OK", "Trogdor-Version: 1\r\nTrogdor-Now-Ms: 7\r\n");
const javas = answer('{"serverStartMs":1}');

describe("connections", () => {
  test("to our agents are used again; those to Java's are not", async () => {
    const daemon = await scripted(says(ours), says(ours), says(javas));
    const calls = agentCalls(daemon.port);
    for (let count = 0; count < 5; count += 1) await calls.status();
    // The first Java answer still arrives on the open connection; its successors end theirs.
    expect(daemon.connections()).toBe(2);
    expect(daemon.requests.map((request) => request.includes("Connection: close"))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test("that the agent closed meanwhile cost a read nothing", async () => {
    const daemon = await scripted(says(ours), breaks, says(ours));
    const calls = agentCalls(daemon.port);
    await calls.status();
    expect(await calls.status()).toMatchObject({ version: "1", agentNowMs: 7 });
    expect(daemon.connections()).toBe(2);
  });

  test("calls at the same time go over connections of their own", async () => {
    const held: Socket[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const daemon = await scripted((socket) => {
      held.push(socket);
      if (held.length === 3) resolve();
    });
    const calls = agentCalls(daemon.port);
    const all = Promise.all([calls.stopWorker(1n), calls.destroyWorker(2n), calls.shutdown()]);
    await promise;
    for (const socket of held) socket.write(answer("{}"));
    await all;
    expect(daemon.connections()).toBe(3);
  });
});

test("the same poll answer gives the same status object", async () => {
  const daemon = await scripted(says(ours));
  const calls = agentCalls(daemon.port);
  const first = await calls.status();
  expect((await calls.status()).status).toBe(first.status);
});

test("calls have exactly the headers that they need", async () => {
  const daemon = await scripted(says(answer("{}")));
  const agent = agentClient({ hostname: "127.0.0.1", port: daemon.port, clock });
  await agent.shutdown();
  await agent.createWorker(2n ** 62n, "é", noOpSpec().text);
  const text = Buffer.from(daemon.requests[1] ?? "", "latin1").toString();
  const [head = "", body] = text.split("\r\n\r\n");
  const host = `Host: 127.0.0.1:${daemon.port}`;
  const common = ["User-Agent: trogdor", "Accept: application/json"];
  expect(daemon.requests[0]).toBe(
    ["PUT /agent/shutdown HTTP/1.1", host, ...common, "", ""].join("\r\n"),
  );
  expect(body).toBe(`{"workerId":4611686018427387904,"taskId":"é","spec":${noOpSpec().text}}`);
  expect(head.split("\r\n")).toEqual([
    "POST /agent/worker/create HTTP/1.1",
    host,
    ...common,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body ?? "")}`,
  ]);
});

describe("task ids", () => {
  test("are encoded as Java does", async () => {
    const daemon = await scripted(says(answer('{"state":"PENDING","spec":{},"tasks":{}}')));
    const coordinator = client(daemon.port);
    await coordinator.task("foo bar?x+y");
    await coordinator.tasks({ taskIds: new Set(["a b", "/ü"]), state: "DONE", firstEndMs: 5 });
    expect(daemon.requests.map((request) => request.split(" ")[1])).toEqual([
      "/coordinator/tasks/foo%20bar%3Fx%2By",
      "/coordinator/tasks?taskId=a+b&taskId=%2F%C3%BC&firstEndMs=5&state=DONE",
    ]);
  });
});

test.each(["a/b", "100%", "a\\b", ".", ".."])(
  "the task %s is asked for in a query, because Java's web server takes no such path",
  async (id) => {
    const state = '{"state":"PENDING","spec":{}}';
    const daemon = await scripted(says(answer(`{"tasks":{${JSON.stringify(id)}:${state}}}`)));
    expect(await client(daemon.port).task(id)).toMatchObject({ state: "PENDING" });
    expect(daemon.requests[0]).toStartWith("GET /coordinator/tasks?taskId=");
  },
);

describe("the answer reader", () => {
  const chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "5;x=y\r\nhello\r\nA\r\n\r\n\r\n\r\n0123\r\n0\r\n\r\n";
  const cases: readonly (readonly [string, string, boolean])[] = [
    [answer("héllo"), "héllo", true],
    [answer(""), "", true],
    [`HTTP/1.1 100 Continue\r\n\r\n${answer("x")}`, "x", true],
    [answer("x", "200 OK", "Connection: close\r\n"), "x", false],
    [chunked, "hello\r\n\r\n\r\n0123", true],
    ["HTTP/1.1 204 No Content\r\n\r\n", "", true],
    ["HTTP/1.0 200 OK\r\ncontent-length:2\r\n\r\nok", "ok", false],
    ["HTTP/1.1 200\r\nConnection: close\r\n\r\nuntil the end", "until the end", false],
  ];

  test.each(cases)("%j", (text, body, keepsAlive) => {
    const reader = answerReader();
    const read = reader.push(Buffer.from(text)) ?? reader.end();
    expect(read).toMatchObject({ text: body, keepsAlive });
  });

  test("reads the same from any pieces", () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.array(fc.nat(40)), ([text, body], sizes) => {
        const reader = answerReader();
        let rest = Buffer.from(text);
        let read = undefined as ReturnType<typeof reader.push>;
        for (const size of [...sizes, rest.length]) {
          if (read === undefined) read = reader.push(rest.subarray(0, size));
          rest = rest.subarray(size);
        }
        expect((read ?? reader.end())?.text).toBe(body);
      }),
    );
  });

  test("answers or throws for any bytes", () => {
    const starts = fc.constantFrom("", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200\r\n\r\n", chunked);
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 200 }), (start, odd) => {
        const reader = answerReader();
        try {
          reader.push(Buffer.concat([Buffer.from(start), odd]));
          reader.end();
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
