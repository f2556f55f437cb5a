// What the Java clients print of given tasks and workers, and with which exit code: ours print the
// same, byte for byte.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../tidy/source-files.ts";
import { trogdor } from "./trogdor.ts";

interface Golden {
  readonly target: string;
  readonly uptime: { readonly serverStartMs: number; readonly nowMs: number };
  readonly tasks: Readonly<Record<string, unknown>>;
  readonly cases: readonly {
    readonly args: readonly string[];
    readonly exitCode: number;
    readonly stdout: string;
  }[];
  readonly agent: { readonly target: string; readonly status: unknown; readonly stdout: string };
}

const path = join(root, "test/golden/client.golden.json");
const golden: Golden = JSON.parse(readFileSync(path, "utf8"));
// Worker ids exceed what a number holds, so they stand as names only.
const { uptime, tasks } = golden;

/** A daemon that gives the recorded answers. */
function answer(url: URL): Response {
  const id = /^\/coordinator\/tasks\/(.+)$/.exec(url.pathname)?.[1];
  if (id !== undefined) {
    return tasks[id] === undefined
      ? Response.json({ code: 404, message: `No task with ID "${id}" exists.` }, { status: 404 })
      : Response.json(tasks[id]);
  }
  switch (url.pathname) {
    case "/coordinator/tasks": {
      const ids = url.searchParams.getAll("taskId");
      const found = Object.entries(tasks).filter(
        ([each]) => ids.length === 0 || ids.includes(each),
      );
      return Response.json(found.length === 0 ? {} : { tasks: Object.fromEntries(found) });
    }
    case "/coordinator/status":
      return Response.json({ serverStartMs: uptime.serverStartMs });
    case "/coordinator/uptime":
      return Response.json(uptime);
    case "/agent/status":
      return Response.json(golden.agent.status);
    default:
      return Response.json({ code: 404, message: "HTTP 404 Not Found" }, { status: 404 });
  }
}

let server: Bun.Server<undefined>;

beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => answer(new URL(request.url)),
  });
});

afterAll(() => server.stop(true));

async function run(mode: string, args: readonly string[], recordedTarget: string) {
  const target = `127.0.0.1:${server.port}`;
  const whole = ["--java", mode, args[0]!, "-t", target, ...args.slice(1)];
  const { exitCode, stdout } = await trogdor(whole, { env: { TZ: "UTC" } });
  return { exitCode, stdout: stdout.replace(target, recordedTarget) };
}

describe("the client prints what Java's prints", () => {
  test.each(golden.cases.map((each) => [each.args.join(" "), each] as const))(
    "for %s",
    async (_name, { args, exitCode, stdout }) => {
      expect(await run("client", args, golden.target)).toEqual({ exitCode, stdout });
    },
  );
});

describe("the agent's client prints what Java's prints", () => {
  test("for status", async () => {
    const { target, stdout } = golden.agent;
    expect(await run("agent-client", ["status"], target)).toEqual({ exitCode: 0, stdout });
  });
});

describe("dates", () => {
  test("have the machine's offset", async () => {
    const args = ["client", "uptime", "-t", `127.0.0.1:${server.port}`];
    const { stdout } = await trogdor(args, { env: { TZ: "Asia/Kolkata" } });
    expect(stdout).toContain("Start time: 2026-11-21T20:20:43.709+05:30\n");
  });
});
