// Which nodes the coordinator talks to, and when.

import { expect, test } from "bun:test";
import { parseTopologyConf } from "../../spec/topology-conf.ts";
import { reachableNodes } from "./reachable-nodes.ts";

test("nodes with an agent port above 0 are agents, those without one are asked on demand", () => {
  const topology = parseTopologyConf(
    `{ "platform": "BasicPlatform", "nodes": {
         "c": { "hostname": "h", "trogdor.agent.port": "9000" },
         "zero": { "trogdor.agent.port": 0 },
         "a": { "trogdor.coordinator.port": 8889 }, "b": { "trogdor.agent.port": 8888 } } }`,
    "test.conf",
  );
  expect(reachableNodes(topology)).toEqual([
    { name: "a", hostname: "localhost", port: 8888, isAgent: false },
    { name: "b", hostname: "localhost", port: 8888, isAgent: true },
    { name: "c", hostname: "h", port: 9000, isAgent: true },
  ]);
});
