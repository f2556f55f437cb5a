// What the clients say when nothing answers, or something that is no Trogdor: one sentence that
// names the target and what to do, exit code 1, never a stack trace.

import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { loopbackListening } from "../../rest/listening.ts";
import { startTestAgent, startTestCoordinator, stopServers } from "../../rest/server-fixture.ts";
import { recordedHost } from "../recorded-host.ts";
import { runCommandLine } from "../run-command-line.ts";

const stops: (() => void)[] = [];
afterAll(() => {
  for (const stop of stops) stop();
});
afterEach(stopServers);

async function run(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const host = recordedHost();
  const exitCode = await runCommandLine(args, host);
  return { exitCode, ...host.written };
}

/** Answers every connection with these bytes. */
function peer(bytes: string): string {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        socket.end(bytes);
      },
    },
  });
  stops.push(() => listener.stop(true));
  return `127.0.0.1:${listener.port}`;
}

const http = (status: string, body: string, type = "application/json") =>
  `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n` +
  `Connection: close\r\n\r\n${body}`;

/** A port that was free a moment ago. */
function closedPort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

const html = "<html><body>It works!</body></html>";

const cases: Readonly<Record<string, readonly [bytes: string, says: string]>> = {
  "an HTML page": [http("200 OK", html, "text/html"), "is not a Trogdor coordinator"],
  "JSON of another shape": [http("200 OK", "[1]"), "is not a Trogdor coordinator"],
  "an empty body": [http("200 OK", ""), "is not a Trogdor coordinator"],
  "JSON that is cut off": [http("200 OK", '{"tasks":{"a":{'), "is not a Trogdor coordinator"],
  "a task without a spec": [
    http("200 OK", '{"tasks":{"a":{"state":"RUNNING"}}}'),
    "is not a Trogdor coordinator",
  ],
  "an HTML error page": [http("404 Not Found", html, "text/html"), "HTTP 404"],
  "a server error": [
    http("500 Internal Server Error", '{"code":500,"message":"oh"}'),
    "could not do it: oh",
  ],
  "bytes that are no HTTP": ["SSH-2.0-OpenSSH_9.2\r\n", "no coordinator answers at"],
  nothing: ["", "no coordinator answers at"],
};

describe("the client", () => {
  test.each(Object.entries(cases))("says what is wrong with %s", async (_name, [bytes, says]) => {
    const target = peer(bytes);
    const { exitCode, out, err } = await run("client", "tasks", "-t", target);
    expect(err).toContain(says);
    expect(err).toContain(target);
    expect(err).not.toMatch(/^\s+at |defect/m);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect([exitCode, out]).toEqual([1, ""]);
  });

  test("says how to start a coordinator when nothing listens", async () => {
    const target = `127.0.0.1:${closedPort()}`;
    expect(await run("client", "tasks", "-t", target)).toEqual({
      exitCode: 1,
      out: "",
      err:
        `trogdor: no coordinator answers at ${target} (nothing listens there); start one there ` +
        "with `trogdor coordinator`, or name another with --target HOST:PORT or TROGDOR_TARGET\n",
    });
  });

  test("says that the port is an agent's", async () => {
    const { port } = await startTestAgent();
    const { exitCode, err } = await run("client", "tasks", "-t", `127.0.0.1:${port}`);
    expect(err).toContain(`the coordinator at 127.0.0.1:${port} does not have what was asked for`);
    expect(exitCode).toBe(1);
  });

  test("asks for the token that is missing", async () => {
    const listening = { ...loopbackListening, trust: "token", token: "secret" } as const;
    const { port } = await startTestCoordinator({ listening });
    const { exitCode, err } = await run("client", "tasks", "-t", `127.0.0.1:${port}`);
    expect(err).toContain("give its token with --token-file FILE or TROGDOR_TOKEN");
    expect(exitCode).toBe(1);
  });

  test("names the file of a token that cannot be read", async () => {
    const { exitCode, err } = await run("client", "tasks", "--token-file", "/no/such");
    expect(err).toContain("--token-file /no/such");
    expect(exitCode).toBe(2);
  });
});
