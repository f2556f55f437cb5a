// The reference's cases 46 to 52: what it takes for JSON, empty messages, specs without a class,
// errors as status codes, ranges, and who is an agent. (Cases 43 to 45 stand with the texts.)

import { describe, expect, test } from "bun:test";
import { agentNodeNames } from "../../src/core/topology.ts";
import { TrogdorError, type TrogdorErrorCode } from "../../src/core/trogdor-error.ts";
import { readSpec } from "../../src/modes/read-spec.ts";
import { recordedHost } from "../../src/modes/recorded-host.ts";
import { errorOfStatus, statusOfError } from "../../src/rest/error-status.ts";
import { readAgentStatus, readTask, readTasks } from "../../src/rest/read-answer.ts";
import { parseJson } from "../../src/spec/json.ts";
import { expandRange } from "../../src/spec/topic-range.ts";
import { parseTopologyConf } from "../../src/spec/topology-conf.ts";
import { specCatalog } from "../../src/tasks/spec-catalog.ts";

const noOp = "org.apache.kafka.trogdor.task.NoOpTaskSpec";
const read = (text: string) => specCatalog.read(parseJson(text));

describe("case 46: a spec on the command line", () => {
  test.each(["{}", ' \t{"foo":"bar"}'])("%j is JSON", async (argument) => {
    expect((await readSpec(argument, recordedHost())).text).toBe(argument);
  });

  test.each(["/my/file/path", "mypath", " blah{}"])("%j is a file", async (name) => {
    const missing = readSpec(name, recordedHost());
    await expect(missing).rejects.toThrow(`Cannot read ${name}: no such file`);
  });
});

describe("case 47: a message without its members", () => {
  test.each(["{}", '{"workers":null}'])("an agent's status %s has no workers", (text) => {
    expect(readAgentStatus(text)).toEqual({ serverStartMs: 0, workers: new Map() });
  });

  test.each(["{}", '{"tasks":null}'])("a list %s has no tasks", (text) => {
    expect(readTasks(text)).toEqual(new Map());
  });

  test("a worker and a task have a null status and no error", () => {
    const done = `{"state":"DONE","spec":{"class":"${noOp}"}}`;
    const worker = readAgentStatus(`{"workers":{"1":${done}}}`).workers.get(1n);
    expect(worker).toMatchObject({
      taskId: "",
      startedMs: 0,
      doneMs: 0,
      status: "null",
      error: "",
    });
    expect(readTask(done)).toMatchObject({ startedMs: 0, doneMs: 0, error: "", cancelled: false });
  });
});

describe("case 48: a spec", () => {
  test("without class is of no type", () => {
    expect(() => read("{}")).toThrow(expect.objectContaining({ code: "unknownClass" }));
    expect(() => read('{"startMs":1}')).toThrow(expect.objectContaining({ code: "unknownClass" }));
  });

  test("is written as it was read, its class first", () => {
    const text = `{"class":"${noOp}","startMs":123,"durationMs":456}`;
    expect(read(text).text).toBe(text);
    expect(read(`{"durationMs":456,"class":"${noOp}","startMs":123}`).text).toBe(text);
  });
});

describe("case 49: an error", () => {
  const answers: Record<TrogdorErrorCode, number> = {
    notFound: 404,
    unknownClass: 501,
    invalidRequest: 400,
    spec: 400,
    usage: 400,
    configuration: 400,
    conflict: 409,
    refused: 403,
    unavailable: 503,
    timeout: 503,
    task: 500,
    interrupted: 500,
  };

  test.each(Object.entries(answers))("%s is answered with %p", (code, status) => {
    expect(statusOfError(new TrogdorError(code as TrogdorErrorCode, ""))).toBe(status);
  });

  test("of any other kind is answered with 500", () => {
    expect([statusOfError(new TypeError("x")), statusOfError("x")]).toEqual([500, 500]);
  });

  test.each([
    [404, "notFound"],
    [501, "unknownClass"],
    [400, "invalidRequest"],
    [409, "conflict"],
    [500, "unavailable"],
    [503, "unavailable"],
    [418, "unavailable"],
  ] as const)("%p is read as %s", (status, code) => {
    expect(errorOfStatus(status, "said so")).toMatchObject({ code, message: "said so" });
  });
});

describe("case 50: a range in a name", () => {
  test.each([
    ["foo[1-3]", ["foo1", "foo2", "foo3"]],
    ["[[ wow[50-52] ]]", ["[[ wow50 ]]", "[[ wow51 ]]", "[[ wow52 ]]"]],
    ["foo[1-2]bar[3-4]", ["foo[1-2]bar3", "foo[1-2]bar4"]],
    ["foo", ["foo"]],
  ])("%s", (name, names) => expect(expandRange(name)).toEqual(names));

  test("that ends below its start is an error", () => {
    expect(() => expandRange("foo[3-1]")).toThrow("start 3 is higher than end 1");
  });
});

describe("a trogdor.conf", () => {
  const platform = '"platform":"org.apache.kafka.trogdor.basic.BasicPlatform"';
  const conf = (nodes: object) =>
    parseTopologyConf(`{${platform},"nodes":${JSON.stringify(nodes)}}`, "trogdor.conf");

  test("case 51: four of five nodes are agents, one is a coordinator only", () => {
    const agent = { "trogdor.agent.port": 8888 };
    const coordinator = { "trogdor.coordinator.port": 8889 };
    const nodes = { node4: agent, node0: coordinator, node1: agent, node3: agent, node2: agent };
    expect(agentNodeNames(conf(nodes))).toEqual(["node1", "node2", "node3", "node4"]);
  });

  test("case 52: has its nodes by name, on the only platform", () => {
    const nodes = { node02: { hostname: "b" }, node01: { hostname: "a" } };
    expect([...conf(nodes).nodes.values()].map(({ name, hostname }) => [name, hostname])).toEqual([
      ["node01", "a"],
      ["node02", "b"],
    ]);
    const other = () => parseTopologyConf('{"platform":"Other","nodes":{}}', "t.conf");
    const problem = { path: "platform", message: expect.stringContaining("BasicPlatform") };
    expect(other).toThrow(expect.objectContaining({ problems: [problem] }));
  });
});
