// Specs as the daemons read them out of requests.

import { describe, expect, test } from "bun:test";
import { withStartMs } from "../core/spec-data.ts";
import { parseJson } from "../spec/json.ts";
import { specCatalog } from "./spec-catalog.ts";

const read = (text: string) => specCatalog.read(parseJson(text));
const noOp = "org.apache.kafka.trogdor.task.NoOpTaskSpec";
const produceBench =
  '{"class":"ProduceBench","producerNode":"n2","durationMs":5,"activeTopics":{"foo":{}},' +
  '"bootstrapServers":"b:1"';

describe("reading a spec", () => {
  test("gives its times and its canonical text", () => {
    expect(
      read('{"durationMs":"9000000000000000","class":"NoOp","startMs":9223372036854775807}'),
    ).toEqual({
      className: noOp,
      startMs: 9223372036854775807n,
      durationMs: 1e15,
      text: `{"class":"${noOp}","startMs":9223372036854775807,"durationMs":1000000000000000}`,
    });
  });

  test.each([
    [`{"class":"${noOp}"}`, `{"class":"${noOp}","startMs":0,"durationMs":0}`],
    [`{"class":"NoOpTaskSpec","durationMs":-1}`, `{"class":"${noOp}","startMs":0}`],
  ])("takes %s and %s for the same", (one, other) => {
    expect(read(one).text).toBe(read(other).text);
  });

  test.each([
    ["{}", "unknownClass"],
    ['"NoOp"', "unknownClass"],
    ["null", "unknownClass"],
    ["[]", "unknownClass"],
    ['{"class":null}', "unknownClass"],
    ['{"class":""}', "unknownClass"],
    ['{"class":7}', "unknownClass"],
    ['{"class":"org.example.Nope"}', "unknownClass"],
    ['{"class":"org.apache.kafka.trogdor.task.TaskSpec"}', "spec"],
    ['{"class":"NoOp","class":"NoOp"}', "spec"],
    ['{"class":"NoOp","bogus":1}', "spec"],
    ['{"class":"NoOp","startMs":[77]}', "spec"],
  ])("answers %s with %s", (text, code) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code }));
  });

  test("keeps what is stored readable with another start", () => {
    const moved = withStartMs(read(`${produceBench}}`), 77n);
    const nodes = specCatalog.targetNodes(moved, { nodes: new Map() });
    expect([nodes, specCatalog.parsed(moved).spec.startMs]).toEqual([["n2"], 77n]);
  });
});

describe("the form for Java", () => {
  test("is the canonical text where nothing of ours is set", () => {
    const spec = read(`${produceBench},"warmupMs":0}`);
    expect(specCatalog.javaForm(spec)).toEqual({ text: spec.text, leftOut: [] });
  });

  test("lacks our own fields and names them", () => {
    const spec = read(`${produceBench},"warmupMs":7,"clientLibrary":"kafkajs"}`);
    const form = specCatalog.javaForm(spec);
    expect(form).toEqual({
      text: read(`${produceBench}}`).text,
      leftOut: ["clientLibrary", "warmupMs"],
    });
  });

  test("takes one node for a plain name, and names a field that holds several", () => {
    const one = specCatalog.javaForm(read(`${produceBench},"producerNode":["a"]}`));
    expect(one).toEqual({ text: read(`${produceBench},"producerNode":"a"}`).text, leftOut: [] });
    const two = specCatalog.javaForm(read(`${produceBench},"producerNode":["a","b"]}`));
    const none = read(`${produceBench},"producerNode":""}`).text;
    expect(two).toEqual({ text: none, leftOut: ["producerNode"] });
  });

  test("is none for a class of our own", () => {
    expect(specCatalog.javaForm({ ...read(`{"class":"${noOp}"}`), className: "trogdor.X" })).toBe(
      undefined,
    );
  });
});

test("says what would keep a task from working, and whether it runs a command", async () => {
  const spec = read(`{"class":"${noOp}"}`);
  expect((await specCatalog.problems(spec)).map(({ path }) => path)).toEqual(["durationMs"]);
  const command = "org.apache.kafka.trogdor.workload.ExternalCommandSpec";
  expect(specCatalog.runsCommand(spec)).toBeFalse();
  expect(specCatalog.runsCommand({ ...spec, className: command })).toBeTrue();
  const kill = (fields: object) =>
    specCatalog.read(parseJson(JSON.stringify({ class: "ProcessKillFault", ...fields })));
  expect(specCatalog.runsCommand(kill({}))).toBeFalse();
  expect(specCatalog.runsCommand(kill({ restartCommand: ["x"] }))).toBeTrue();
});
