// What bad input gets from exec and validate: a message that names the place, the value and what
// was expected, exit code 2, and no connection to anything. What needs a broker is in test/e2e.

import { afterAll, describe, expect, test } from "bun:test";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";
import { trogdor } from "./trogdor.ts";

const sparseBytes = 200 * 1024 * 1024;

const folder = temporaryFolder({
  "empty.json": "",
  "blank.json": " \n\t ",
  "zeros.json": "{\u0000}",
  "binary.json": new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x80]),
  "list.json": '[{"class": "NoOp"}]',
  "broken.json": '{\n  "class": "NoOp",\n  "durationMs": 5,\n}\n',
  "deep.json": "[".repeat(100_000),
});
const file = (name: string) => join(folder.path, name);
writeFileSync(file("huge.json"), "{");
truncateSync(file("huge.json"), sparseBytes);

let connections = 0;
const listener = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open(socket) {
      connections += 1;
      socket.end();
    },
    data() {},
  },
});

afterAll(() => {
  listener.stop(true);
  folder[Symbol.dispose]();
});

/** A spec that would connect to the listener, with some fields replaced. */
function produce(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    class: "org.apache.kafka.trogdor.workload.ProduceBenchSpec",
    durationMs: 10_000,
    bootstrapServers: `127.0.0.1:${listener.port}`,
    targetMessagesPerSec: 100,
    maxMessages: 10,
    activeTopics: { foo: { numPartitions: 1, replicationFactor: 1 } },
    ...fields,
  });
}

const topics = (name: string) => produce({ activeTopics: { [name]: { numPartitions: 1 } } });

interface Case {
  readonly spec: string;
  /** All of these are in the message. */
  readonly says: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  "a missing file": { spec: "/no/such.json", says: ["/no/such.json", "no such file"] },
  "a directory": { spec: folder.path, says: [folder.path, "is a directory"] },
  "a file that cannot be read": { spec: "/proc/self/mem", says: ["Cannot read /proc/self/mem"] },
  "a file of 200 MB": { spec: file("huge.json"), says: ["too large", `${sparseBytes}`, "16 MiB"] },
  "a device without end": { spec: "/dev/zero", says: ["/dev/zero", "too large"] },
  "an empty file": { spec: file("empty.json"), says: ["is empty; expected a JSON object"] },
  "a blank file": { spec: file("blank.json"), says: ["is empty; expected a JSON object"] },
  "a binary file": { spec: file("binary.json"), says: ["not text", "UTF-8"] },
  "zero bytes": { spec: file("zeros.json"), says: ["not text", "zero bytes"] },
  "an array": { spec: file("list.json"), says: ["expected an object"] },
  "a trailing comma": { spec: file("broken.json"), says: ["line 4, column 1", "double quotes"] },
  "JSON that is cut off": { spec: '{"class": "NoOp", "durat', says: ["line 1, column"] },
  "too deep JSON": { spec: file("deep.json"), says: ["line 1, column", "1000"] },
  "no class": { spec: "{}", says: ["class: is missing", '"ProduceBench"'] },
  "an unknown class": {
    spec: '{"class": "org.apache.kafka.trogdor.workload.ProduceBenhSpec"}',
    says: ['did you mean "org.apache.kafka.trogdor.workload.ProduceBenchSpec"'],
  },
  "an unknown short class": { spec: '{"class": "ProduceBnch"}', says: ['"ProduceBench"'] },
  "no durationMs": { spec: produce({ durationMs: undefined }), says: ["durationMs: is 0 or miss"] },
  "no bootstrapServers": {
    spec: produce({ bootstrapServers: "" }),
    says: ["bootstrapServers: is empty", "localhost:9092"],
  },
  "no topics": {
    spec: produce({ activeTopics: {} }),
    says: ["activeTopics: You must specify at least one active topic."],
  },
  "wrong types, all at once": {
    spec: produce({
      targetMessagesPerSec: "fast",
      maxMessages: [],
      useConfiguredPartitioner: "maybe",
      producerConf: 5,
      activeTopics: { foo: { numPartitions: {} } },
      keyGenerator: { type: "bogus" },
    }),
    says: [
      'targetMessagesPerSec: expected a whole number from -2147483648 to 2147483647, found "fast"',
      "maxMessages: ",
      'useConfiguredPartitioner: expected true or false, found "maybe"',
      "producerConf: ",
      "activeTopics.foo.numPartitions: ",
      "keyGenerator.type: expected one of constant, sequential",
    ],
  },
  "unknown fields": {
    spec: produce({ maxMesages: 5, activeTopics: { foo: { partitions: 5 } } }),
    says: ['maxMesages: unknown field; did you mean "maxMessages"?', "activeTopics.foo.partitions"],
  },
  "negative numbers": {
    spec: produce({ maxMessages: -1, activeTopics: { foo: { numPartitions: -4 } } }),
    says: ["maxMessages: ", "found -1", "activeTopics.foo.numPartitions: ", "found -4"],
  },
  "absurd numbers": {
    spec: produce({
      maxMessages: 1e300,
      targetMessagesPerSec: 3_000_000_000,
      valueGenerator: { type: "constant", size: 1e12 },
    }),
    says: ["maxMessages: ", "targetMessagesPerSec: ", "found 3000000000", "valueGenerator.size: "],
  },
  "a range that ends before it begins": {
    spec: topics("foo[3-1]"),
    says: ["activeTopics.foo[3-1]: Invalid range: start 3 is higher than end 1"],
  },
  "a range without end": { spec: topics("foo[1-]"), says: ["activeTopics.foo[1-]: "] },
  "a range without start": { spec: topics("foo[-3]"), says: ["activeTopics.foo[-3]: "] },
  "a range of a billion topics": {
    spec: topics("foo[1-1000000000]"),
    says: ["activeTopics.foo[1-1000000000]: "],
  },
  "a range in letters": {
    spec: topics("foo[a-b]"),
    says: ["activeTopics.foo[a-b]: Topic name is"],
  },
  "an empty topic name": { spec: topics(""), says: ["Topic name is invalid"] },
  "a wrong address": {
    spec: produce({ bootstrapServers: "localhost:99999" }),
    says: ["bootstrapServers", "99999"],
  },
  "client settings that cannot be kept": {
    spec: produce({
      producerConf: { acks: "7", "partitioner.class": "com.acme.P" },
      commonClientConf: { "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "GSSAPI" },
    }),
    says: [
      "producerConf.acks: Invalid value 7 for configuration acks: String must be one of:",
      "producerConf.partitioner.class: ",
      "commonClientConf.sasl.mechanism: ",
    ],
  },
};

describe.each(["exec", "validate"])("%s", (command) => {
  test.each(Object.entries(cases))("refuses %s", async (_name, { spec, says }) => {
    const { exitCode, stdout, stderr } = await trogdor([command, spec], { timeoutMs: 10_000 });
    for (const text of says) expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/^\s+at |defect/m);
    expect([exitCode, stdout]).toEqual([2, ""]);
  });

  test("refuses standard input that never ends", async () => {
    const input = new Uint8Array(20 * 1024 * 1024).fill(0x20);
    const { exitCode, stderr } = await trogdor([command, "-"], { input });
    expect(stderr).toContain("Standard input is longer than 16777216 bytes");
    expect(exitCode).toBe(2);
  });

  test("connects to nothing before the spec is accepted", () => {
    expect(connections).toBe(0);
  });
});

describe("validate", () => {
  test("reports every file, and says which are right", async () => {
    const good = '{"class": "NoOp", "durationMs": 5}';
    const { exitCode, stdout, stderr } = await trogdor(["validate", good, "{}", "/no/such", good]);
    expect(stdout).toBe(Array(2).fill("the SPEC argument: a valid NoOp spec\n").join(""));
    expect(stderr.match(/class: is missing|no such file/g)).toHaveLength(2);
    expect(exitCode).toBe(2);
  });

  test("reports as JSON with a path for each problem", async () => {
    const { exitCode, stdout, stderr } = await trogdor([
      "validate",
      "--json",
      '{"class": "NoOp", "durationMs": "x", "y": 1}',
      '{"class": "NoOp", "durationMs": 5}',
    ]);
    const reports = JSON.parse(stdout);
    expect(reports).toMatchObject([
      { valid: false, problems: [{ path: "durationMs" }, { path: "y" }] },
      { valid: true, class: "org.apache.kafka.trogdor.task.NoOpTaskSpec", problems: [] },
    ]);
    expect([exitCode, stderr]).toEqual([2, ""]);
  });
});
