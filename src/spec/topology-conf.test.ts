// What trogdor.conf may hold, and what is said about one that is wrong.

import { describe, expect, test } from "bun:test";
import { agentNodeNames } from "../core/topology.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import { parseTopologyConf } from "./topology-conf.ts";

const platform = '"platform": "org.apache.kafka.trogdor.basic.BasicPlatform"';

function problemsOf(text: string): string[] {
  try {
    parseTopologyConf(text, "t.conf");
  } catch (error) {
    expect(error).toBeInstanceOf(TrogdorError);
    const failure = error as TrogdorError;
    expect(failure.code).toBe("configuration");
    if (failure.problems.length === 0) return [failure.message];
    return failure.problems.map(({ path, message }) =>
      path === "" ? message : `${path}: ${message}`,
    );
  }
  return [];
}

describe("a trogdor.conf", () => {
  test("gives its nodes sorted by name, settings as text", () => {
    const topology = parseTopologyConf(
      `/* comment */ { "_comment": "x", ${platform}, "nodes": { // more
        "node1": { "hostname": "10.0.0.7", "trogdor.agent.port": "8888", "tags": ["client", 5] },
        "node0": { "trogdor.agent.port": 8888, "trogdor.coordinator.port": 8889, "x": 1.50 },
        "bare": 7 } }`,
      "t.conf",
    );
    expect([...topology.nodes.values()]).toEqual([
      { name: "bare", hostname: "localhost", tags: [], settings: new Map() },
      {
        name: "node0",
        hostname: "localhost",
        tags: [],
        settings: new Map([
          ["trogdor.agent.port", "8888"],
          ["trogdor.coordinator.port", "8889"],
          ["x", "1.50"],
        ]),
      },
      {
        name: "node1",
        hostname: "10.0.0.7",
        tags: ["client", "5"],
        settings: new Map([["trogdor.agent.port", "8888"]]),
      },
    ]);
  });

  test("has an agent wherever the agent port is present, whatever its value", () => {
    const nodes = ["a", "b", "c", "d"].map((name) => `"${name}": {"trogdor.agent.port": 8888}`);
    const topology = parseTopologyConf(
      `{ ${platform}, "nodes": { ${nodes.join(",")}, "co": {"trogdor.coordinator.port": 8889},
         "zero": {"trogdor.agent.port": 0} } }`,
      "t.conf",
    );
    expect(agentNodeNames(topology)).toEqual(["a", "b", "c", "d"]);
  });

  test.each([
    [`{ "nodes": {} }`, ["platform: Expected to find a 'platform' field"]],
    [`{ ${platform} }`, ["nodes: Expected to find a 'nodes' field"]],
    [`{ ${platform}, "nodes": [] }`, ["nodes: Expected the 'nodes' element to be a JSON object."]],
    [`{ "platform": "com.acme.P", "nodes": {} }`, ['platform: "com.acme.P" is no known platform']],
    [`[]`, ["t.conf: Expected a JSON object with the members"]],
    [
      `{ ${platform}, "nodes": { "a": { "tags": "x", "trogdor.agent.port": "abc" },
         "b": { "trogdor.agent.port": 8888.0 }, "c": { "trogdor.coordinator.port": null } } }`,
      [
        "nodes.a.tags: Expected the 'tags' field to be an array of strings.",
        'nodes.a.trogdor.agent.port: For input string: "abc"',
        'nodes.b.trogdor.agent.port: For input string: "8888.0"',
        'nodes.c.trogdor.coordinator.port: For input string: "null"',
      ],
    ],
  ])("%s is refused with every problem", (text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(expected.length);
    for (const [index, start] of expected.entries()) expect(problems[index]).toStartWith(start);
  });

  test("that is not JSON is refused with line and column", () => {
    expect(problemsOf(`{ ${platform},\n  nodes: {} }`).join()).toMatch(/line 2,? column 3/);
  });
});
