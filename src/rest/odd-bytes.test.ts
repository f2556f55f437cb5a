// Whatever comes in on the port, the daemon goes on: random bytes, half requests, many requests at
// once, thousands of connections. What Bun's server answers by itself has no body, which Java's
// clients accept.

import { afterEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { rawExchange } from "./raw-exchange.ts";
import { noOpClass } from "./recorded-services.ts";
import { startTestAgent, startTestCoordinator, stopServers } from "./server-fixture.ts";

afterEach(stopServers);

const host = "Host: localhost\r\n";
const uptime = `GET /coordinator/uptime HTTP/1.1\r\n${host}\r\n`;
const uptimeText = `{"serverStartMs":111,"nowMs":150}`;

const chunkedHead =
  `PUT /coordinator/task/stop HTTP/1.1\r\n${host}` +
  "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

function put(path: string, body: string, more = ""): string {
  const type = "Content-Type: application/json\r\n";
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `PUT ${path} HTTP/1.1\r\n${host}${type}${length}${more}\r\n${body}`;
}

describe("requests that are answered", () => {
  test.each([
    ["two in one piece", [uptime + uptime], 2],
    ["one in many pieces", [...uptime], 1],
    [
      "a GET with a body, as Python sends it",
      [
        uptime.replace(
          "\r\n\r\n",
          "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        ),
        uptime,
      ],
      2,
    ],
    ["a GET of HTTP/1.0 without a host", ["GET /coordinator/uptime HTTP/1.0\r\n\r\n"], 1],
    [
      "a target with scheme and host",
      [uptime.replace("/coordinator", "http://localhost/coordinator")],
      1,
    ],
    ["a fragment", [uptime.replace("uptime", "uptime#x?y")], 1],
  ] as const)("%s", async (_name, pieces, count) => {
    const { port } = await startTestCoordinator();
    const { answers } = await rawExchange(port, [...pieces], count);
    expect(answers.map(({ text }) => text)).toEqual(Array(count).fill(uptimeText));
  });

  test("a PUT without body, type and length, as the Java client shuts down", async () => {
    const { port, service } = await startTestCoordinator();
    const request = `PUT /coordinator/shutdown HTTP/1.1\r\nUser-Agent: kafka\r\n${host}\r\n`;
    const { answers, isClosed } = await rawExchange(port, [request]);
    expect(answers.map(({ text }) => text)).toEqual(["{}"]);
    expect(isClosed).toBe(true);
    expect(service.calls).toEqual([["shutdown", false]]);
  });

  test("a body in chunks", async () => {
    const { port, service } = await startTestCoordinator();
    const head = put("/coordinator/task/stop", "").replace(
      "Content-Length: 0",
      "Transfer-Encoding: chunked",
    );
    const pieces = [head, '4\r\n{"id\r\n', '6\r\n":"é"\r\n}\r\n'.slice(0, 3), '":"é"\r\n'];
    const { answers } = await rawExchange(port, [...pieces, "1\r\n}\r\n", "0\r\n\r\n"], 1);
    expect(answers.map(({ status }) => status)).toEqual([200]);
    expect(service.calls).toEqual([["stopTask", "é"]]);
  });

  test("one that waits to be told to go on", async () => {
    const { port } = await startTestCoordinator();
    const request = put("/coordinator/task/stop", '{"id":"a"}', "Expect: 100-continue\r\n");
    const { answers } = await rawExchange(port, [request], 1);
    expect(answers.map(({ status }) => status)).toEqual([200]);
  });

  test("a body that is too large, and the next request on the connection", async () => {
    const { port, service } = await startTestCoordinator();
    const large = put("/coordinator/task/stop", `{"id":"${"x".repeat(16 * 1024 * 1024)}"}`);
    const { answers } = await rawExchange(port, [large, uptime], 2);
    expect(answers.map(({ status }) => status)).toEqual([413, 200]);
    expect(JSON.parse(answers[0]!.text)).toMatchObject({ code: 413 });
    expect(service.calls).toEqual([]);
  });
});

describe("what is no request", () => {
  test.each([
    ["random bytes", Buffer.from([0, 1, 2, 3, 255, 254, 13, 10, 13, 10]), [400]],
    ["a TLS greeting", Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, 13, 10]), [400]],
    ["a word", "hello\r\n\r\n", [400]],
    ["no host", "GET /coordinator/uptime HTTP/1.1\r\n\r\n", [400]],
    ["a blank in the path", `GET /coordinator/tasks/a b HTTP/1.1\r\n${host}\r\n`, [505]],
    ["a length below 0", `PUT /agent HTTP/1.1\r\n${host}Content-Length: -3\r\n\r\n`, [400]],
    ["a length and chunks", put("/a", "{}", "Transfer-Encoding: chunked\r\n"), [400]],
    ["garbled chunks", `${chunkedHead}zz\r\n`, [400]],
    ["an endless length", `PUT /a HTTP/1.1\r\n${host}Content-Length: 99999999999\r\n\r\n`, [413]],
    ["long headers", `GET / HTTP/1.1\r\n${host}X: ${"y".repeat(40_000)}\r\n\r\n`, [431]],
    ["many headers", `GET / HTTP/1.1\r\n${"x: 1\r\n".repeat(500)}${host}\r\n`, [431]],
    ["an unknown method", `FOO / HTTP/1.1\r\n${host}\r\n`, []],
  ] as const)("ends the connection: %s", async (_name, bytes, statuses) => {
    const { port } = await startTestCoordinator();
    const { answers, isClosed } = await rawExchange(port, [bytes]);
    expect(answers.map(({ status }) => status)).toEqual([...statuses]);
    expect(isClosed).toBe(true);
    expect((await rawExchange(port, [uptime], 1)).answers[0]?.text).toBe(uptimeText);
  });

  test("any bytes at all", async () => {
    const { port, service } = await startTestCoordinator();
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
    const mixed = fc.tuple(fc.constantFrom("", "GET ", "PUT / HTTP/1.1\r\n", uptime), bytes);
    await fc.assert(
      fc.asyncProperty(mixed, async ([start, odd]) => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.end(Buffer.concat([Buffer.from(start), odd]));
        await new Promise((resolve) => socket.resume().on("close", resolve));
      }),
      { numRuns: 200 },
    );
    expect((await rawExchange(port, [uptime], 1)).answers[0]?.text).toBe(uptimeText);
    expect(service.calls).toEqual([]);
  }, 30_000);
});

describe("connections", () => {
  test("a thousand that say nothing or half a request keep nobody out", async () => {
    const { port } = await startTestAgent();
    const sockets: Socket[] = [];
    const opened = Array.from({ length: 1000 }, (_, index) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const socket = connect(port, "127.0.0.1", () => {
        if (index % 2 === 0) socket.write("PUT /agent/worker/stop HTTP/1.1\r\nHost: loc");
        resolve();
      });
      socket.on("error", reject);
      sockets.push(socket);
      return promise;
    });
    await Promise.all(opened);
    const request = uptime.replace("coordinator", "agent");
    const asked = Array.from({ length: 50 }, () => rawExchange(port, [request], 1));
    const answers = (await Promise.all(asked)).map((exchange) => exchange.answers[0]?.text);
    expect(answers).toEqual(Array(50).fill(uptimeText));
    for (const socket of sockets) socket.destroy();
  }, 30_000);

  test("that stay silent, or stop in the middle of a request's head, are closed", async () => {
    const { port } = await startTestAgent();
    const silent = rawExchange(port, []);
    const half = rawExchange(port, ["GET /agent/uptime HTTP/1.1\r\nHost: loc"]);
    expect(await Promise.all([silent, half])).toEqual([
      { answers: [], isClosed: true },
      { answers: [], isClosed: true },
    ]);
  }, 40_000);

  test("that break in the middle of a body change nothing", async () => {
    const { port, service } = await startTestCoordinator();
    const whole = put("/coordinator/task/stop", `{"id":"a","bogus":"${noOpClass}"}`);
    for (let length = 1; length < whole.length; length += 7) {
      const socket = connect(port, "127.0.0.1");
      const closed = new Promise((resolve) => socket.resume().on("close", resolve));
      socket.end(whole.slice(0, length));
      await closed;
    }
    expect(service.calls).toEqual([]);
    expect((await rawExchange(port, [uptime], 1)).answers[0]?.text).toBe(uptimeText);
  });
});
