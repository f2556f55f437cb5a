// Who is meant by a kafkaTarget: which brokers, on which nodes. Asking a real cluster is the matter
// of test/e2e/kafka-faults.test.ts.

import { describe, expect, test } from "bun:test";
import { sceneTopology } from "../fault-scene.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "../parse-task-spec.ts";
import { specCatalog } from "../spec-catalog.ts";
import { nodesOfBrokers } from "./broker-nodes.ts";
import { chooseBrokers } from "./choose-brokers.ts";
import type { KafkaTarget } from "./kafka-target.ts";

const view = {
  brokers: [1, 2, 3, 4, 5].map((id) => ({ id, host: `broker${id}`, port: 9092 })),
  activeController: 3,
  controllers: [1, 2, 3],
  leader: 4,
  replicas: [4, 2],
  groupCoordinator: 5,
};

function parse(kafkaTarget: object, fields: object = {}) {
  const all = { class: "ProcessStopFault", durationMs: 1, kafkaTarget, ...fields };
  return parseTaskSpec(JSON.stringify(all));
}

function target(fields: object): KafkaTarget {
  return (parse(fields).spec as unknown as { kafkaTarget: KafkaTarget }).kafkaTarget;
}

describe("a kafkaTarget means", () => {
  test.each([
    [{ who: "activeController" }, [3], [1, 2, 4, 5]],
    [{ who: "activeController", others: "controllers" }, [3], [1, 2]],
    [{ who: "leader" }, [4], [1, 2, 3, 5]],
    [{ who: "leader", others: "replicas" }, [4], [2]],
    [{ who: "groupCoordinator" }, [5], [1, 2, 3, 4]],
    [{ who: "randomBroker" }, [3], [1, 2, 4, 5]],
    [{ who: "minority" }, [3, 4], [1, 2, 5]],
    [{ who: "majority" }, [2, 3, 4], [1, 5]],
  ])("%j: brokers %j, cut off %j", (fields, brokers, others) => {
    expect(chooseBrokers(target(fields), view, () => 0.5)).toEqual({ brokers, others });
  });

  test("any of the brokers, whatever the dice show", () => {
    for (const number of [0, 0.2, 0.999_999]) {
      const { brokers } = chooseBrokers(target({ who: "randomBroker" }), view, () => number);
      expect(view.brokers.map(({ id }) => id)).toContain(brokers[0]!);
    }
  });

  test("nobody where there is none", () => {
    const two = { brokers: view.brokers.slice(0, 2) };
    expect(() => chooseBrokers(target({ who: "minority" }), two, () => 0)).toThrow(
      "a cluster of 2 has no such brokers",
    );
    const noQuorum = { brokers: view.brokers, activeController: -1 };
    expect(() => chooseBrokers(target({ who: "activeController" }), noQuorum, () => 0)).toThrow(
      "has not told the active controller",
    );
  });
});

describe("a broker is on the node", () => {
  const addresses: Record<string, string> = { broker1: "192.0.2.1", host1: "192.0.2.1" };
  const names = {
    async resolve(hostname: string) {
      const address = addresses[hostname] ?? hostname;
      return [{ address, family: 4 as const }];
    },
  };
  const nodesOf = (
    ids: number[],
    nodes: Record<string, string>,
    ids2: Record<string, string> = {},
  ) => {
    const topology = sceneTopology(nodes);
    const settings = (name: string) =>
      new Map(ids2[name] === undefined ? [] : [["kafka.node.id", ids2[name]]]);
    const withIds = new Map(
      [...topology.nodes].map(([name, node]) => [name, { ...node, settings: settings(name) }]),
    );
    return nodesOfBrokers(ids, view.brokers, { nodes: withIds }, names);
  };

  test("that has its address", async () => {
    expect(await nodesOf([1], { a: "host1", b: "host2" })).toEqual(["a"]);
  });

  test("that names its id, whatever the addresses are", async () => {
    const nodes = { a: "host1", b: "host2" };
    expect(await nodesOf([1, 5], nodes, { b: "1, 5" })).toEqual(["b", "b"]);
  });

  test.each([
    [{ a: "host2" }, "broker 1 (broker1:9092) is on none of the cluster's nodes"],
    [{ a: "host1", b: "host1" }, "broker 1 (broker1:9092) may be on a or b"],
  ])("that is the only one: %j", async (nodes, message) => {
    await expect(nodesOf([1], nodes as Record<string, string>)).rejects.toThrow(message);
  });
});

describe("a spec with a kafkaTarget", () => {
  const problemsOf = async (kafkaTarget: object, fields: object = {}) => {
    const { taskType, spec } = parse(kafkaTarget, fields);
    return (await checkTaskSpec(taskType, spec)).map(({ path }) => path);
  };
  const bootstrapServers = "x:9092";

  test.each([
    [{ who: "activeController" }, ["kafkaTarget.bootstrapServers"]],
    [{ who: "leader", bootstrapServers, topicPartition: "foo" }, ["kafkaTarget.topicPartition"]],
    [{ who: "groupCoordinator", bootstrapServers }, ["kafkaTarget.group"]],
    [{ who: "minority", others: "replicas", bootstrapServers }, ["kafkaTarget.topicPartition"]],
    [{ commonClientConf: { "bootstrap.servers": "x:1" } }, []],
  ])("is checked: %j", async (fields, paths) => {
    expect(await problemsOf(fields)).toEqual(paths);
  });

  test("names nobody else", async () => {
    const both = await problemsOf({ bootstrapServers }, { nodeNames: ["a"] });
    expect(both).toEqual(["kafkaTarget"]);
  });

  test("has the nodes that were found, and keeps them through its canonical form", () => {
    const resolved = { brokers: [2], nodes: ["b"], others: ["a"] };
    const { taskType, spec } = parse({ bootstrapServers, resolved });
    const topology = sceneTopology({});
    expect(taskType.targetNodes(spec, topology)).toEqual(["b"]);
    const partition = { class: "NetworkPartitionFault", kafkaTarget: { resolved } };
    const data = specCatalog.read(JSON.parse(JSON.stringify(partition)));
    expect(specCatalog.targetNodes(data, topology)).toEqual(["a", "b"]);
    expect(specCatalog.javaForm(data)?.leftOut).toEqual(["kafkaTarget"]);
  });
});
