// `agent --exec` in the Java form: its lines, byte for byte, and its exit codes.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordedHost } from "../recorded-host.ts";
import { execAsJava } from "./exec-as-java.ts";

const folder = mkdtempSync(join(tmpdir(), "exec-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const configPath = join(folder, "trogdor.conf");
const nodes = { e0: { "trogdor.agent.port": 8888 }, e1: { "trogdor.agent.port": 8888 } };
const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
writeFileSync(configPath, JSON.stringify({ platform, nodes }));

const noOp = "org.apache.kafka.trogdor.task.NoOpTaskSpec";

async function run(spec: string): Promise<{ exitCode: number; out: string; err: string }> {
  const host = recordedHost();
  const exitCode = await execAsJava({ spec, configPath, node: "e0" }, host);
  return { exitCode, ...host.written, out: host.written.out.replace(/("startMs" : )\d+/, "$1N") };
}

const waiting = (durationMs: number) =>
  `Waiting for completion of task:{\n  "class" : "${noOp}",\n  "startMs" : N,\n` +
  `  "durationMs" : ${durationMs}\n}\n`;
const framed = (lines: string) => `Starting agent process.\n${lines}Running agent shutdown hook.\n`;

describe("agent --exec", () => {
  test("case 19: says how a task succeeded", async () => {
    expect(await run(`{"class":"${noOp}","durationMs":20}`)).toEqual({
      exitCode: 0,
      out: framed(`${waiting(20)}Task succeeded with status "done"\n`),
      err: "",
    });
  });

  test("reads a file", async () => {
    const path = join(folder, "spec.json");
    writeFileSync(path, `// a comment\n{"class":"${noOp}","durationMs":1000,"startMs":5}`);
    expect((await run(path)).exitCode).toBe(0);
  });

  test("case 18: says that a task without time has expired", async () => {
    expect(await run(`{"class":"${noOp}"}`)).toEqual({
      exitCode: 1,
      out: framed(`${waiting(0)}Task failed with status null and error worker expired\n`),
      err: "",
    });
  });

  test("refuses a task for another node", async () => {
    const spec = '{"class":"ProduceBench","durationMs":5,"producerNode":"e1"}';
    const { exitCode, out } = await run(spec);
    expect(out).toBe(
      framed(
        "This task is not configured to run on this node.  It runs on node(s): e1, whereas this " +
          "node is e0\n",
      ),
    );
    expect(exitCode).toBe(1);
  });

  test.each(["{", "-", "/no/such", '{"class":"x"}'])("cannot parse %j", async (spec) => {
    const { exitCode, out, err } = await run(spec);
    expect([exitCode, out]).toEqual([1, framed("Unable to parse the supplied task spec.\n")]);
    expect(err).not.toBe("");
  });
});
