// Every exit code of docs/cli.md, each way to it, against the real program.

import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { exitCodes } from "../../src/modes/exit-codes.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { type RunOptions, trogdor } from "./trogdor.ts";

const noOp = (durationMs: number) => JSON.stringify({ class: "NoOp", durationMs });
const produceOn = (producerNode: string) =>
  JSON.stringify({
    class: "ProduceBench",
    durationMs: 1000,
    producerNode,
    bootstrapServers: "127.0.0.1:1",
    activeTopics: { foo: {} },
  });

const conf = JSON.stringify({
  platform: "org.apache.kafka.trogdor.basic.BasicPlatform",
  nodes: {
    node0: { "trogdor.agent.port": 8888 },
    node1: { "trogdor.agent.port": 8888 },
  },
});

const whileRunning = (signal: "SIGINT" | "SIGTERM"): RunOptions => ({
  signalAfter: { text: "Running NoOp", signal },
});

interface Case {
  readonly name: string;
  readonly code: number;
  readonly args: readonly string[];
  readonly options?: RunOptions;
  /** stderr holds this. */
  readonly says?: string;
}

const folder = temporaryFolder({ "trogdor.conf": conf, "bad.conf": "{}" });
const confPath = join(folder.path, "trogdor.conf");
const badConf = join(folder.path, "bad.conf");
afterAll(() => folder[Symbol.dispose]());

const cases: Case[] = [
  { name: "help", code: 0, args: ["--help"] },
  { name: "help on a command", code: 0, args: ["help", "exec"] },
  { name: "a command's own help", code: 0, args: ["exec", "--help"] },
  { name: "the version", code: 0, args: ["--version"] },
  { name: "a task that succeeds", code: 0, args: ["exec", noOp(50)] },
  { name: "a valid spec", code: 0, args: ["validate", noOp(50)] },
  { name: "a schema", code: 0, args: ["schema", "NoOp"] },
  { name: "a completion script", code: 0, args: ["completion", "bash"] },
  {
    name: "a task on the node that -n names",
    code: 0,
    args: ["exec", noOp(50), "-c", confPath, "-n", "node1"],
  },
  {
    name: "a task that does not end in time",
    code: 1,
    args: ["exec", noOp(60_000), "--timeout", "100ms"],
    says: "--timeout",
  },
  {
    name: "a task for another node",
    code: 1,
    args: ["exec", produceOn("node1"), "-c", confPath, "-n", "node0"],
    says:
      "This task is not configured to run on this node.  It runs on node(s): node1, whereas " +
      "this node is node0",
  },
  {
    name: "a task for another node than -n says, without a configuration",
    code: 1,
    args: ["exec", produceOn("node1"), "-n", "node0"],
    says: "It runs on node(s): node1, whereas this node is node0",
  },
  { name: "no command", code: 2, args: [], says: "Usage: trogdor" },
  { name: "an unknown command", code: 2, args: ["exce"], says: 'did you mean "exec"?' },
  { name: "an unknown option", code: 2, args: ["exec", "-", "--jsno"], says: '"--json"' },
  { name: "no spec", code: 2, args: ["exec"], says: "Missing argument SPEC" },
  { name: "a bad spec", code: 2, args: ["exec", "{}"], says: "class: is missing" },
  { name: "a task without time", code: 2, args: ["exec", noOp(0)], says: "worker expired" },
  { name: "a bad spec to validate", code: 2, args: ["validate", noOp(5), "{}"] },
  { name: "a bad --set", code: 2, args: ["exec", noOp(5), "--set", "x"], says: "path=value" },
  { name: "a bad --timeout", code: 2, args: ["exec", noOp(5), "--timeout", "x"], says: "30s" },
  {
    name: "a histogram that cannot be written",
    code: 2,
    args: ["exec", noOp(5), "--histogram", "/no/such/folder/x"],
    says: "--histogram",
  },
  {
    name: "a bad configuration",
    code: 2,
    args: ["exec", noOp(5), "-c", badConf],
    says: "Expected to find a 'nodes' field",
  },
  { name: "no configuration", code: 2, args: ["exec", noOp(5), "-c", "/no/x"], says: "no such" },
  {
    name: "an unknown node",
    code: 2,
    args: ["exec", noOp(5), "-c", confPath, "-n", "zz"],
    says: "No node named zz found in the cluster!  Cluster nodes are: node0,node1",
  },
  {
    name: "no node where there are several",
    code: 2,
    args: ["exec", noOp(5), "-c", confPath],
    says: "has the agent nodes node0, node1",
  },
  { name: "an unknown task type", code: 2, args: ["schema", "NoOpp"], says: '"NoOp"' },
  { name: "a client without a verb", code: 2, args: ["client"], says: "trogdor client VERB" },
  { name: "an unknown verb", code: 2, args: ["client", "taks"], says: '"tasks"' },
  { name: "help on a verb", code: 0, args: ["help", "client", "wait"] },
  { name: "help of a verb", code: 0, args: ["client", "wait", "--help"] },
  {
    name: "no coordinator",
    code: 1,
    args: ["client", "tasks", "-t", "127.0.0.1:1"],
    says: "no coordinator answers at 127.0.0.1:1",
  },
  { name: "Java's help", code: 1, args: ["client", "--java", "-h"] },
  { name: "Java's usage errors", code: 1, args: ["--java", "client"], says: "too few arguments" },
  { name: "an unknown shell", code: 2, args: ["completion", "bahs"], says: '"bash"' },
  { name: "Ctrl-C", code: 130, args: ["exec", noOp(60_000)], options: whileRunning("SIGINT") },
  { name: "SIGTERM", code: 143, args: ["exec", noOp(60_000)], options: whileRunning("SIGTERM") },
];

describe("the exit code", () => {
  test.each(cases.map((each) => [each.code, each.name, each] as const))(
    "is %i for %s",
    async (code, _name, { args, options, says }) => {
      const result = await trogdor(args, options);
      expect({ ...result, stdout: "" }).toMatchObject({ exitCode: code });
      expect(result.stderr).toContain(says ?? "");
      expect(result.stderr).not.toMatch(/^\s+at /m);
    },
  );

  test("is tested for every row of the table", () => {
    const codes = Object.values(exitCodes).map((row) => row.code);
    expect([...new Set(cases.map((each) => each.code))].sort()).toEqual([...codes].sort());
  });
});
