// On which node of the topology a broker runs: as the node's `kafka.node.id` says, else where one
// of the broker's addresses is the node's.

import type { Topology } from "../../core/topology.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { BrokerView } from "../../kafka/native/cluster-view.ts";
import type { Names } from "../../platform/names/names.ts";

export const kafkaNodeIdKey = "kafka.node.id";

export async function nodesOfBrokers(
  ids: readonly number[],
  brokers: readonly BrokerView[],
  topology: Topology,
  names: Names,
): Promise<string[]> {
  const nodes: string[] = [];
  for (const id of ids) nodes.push(await nodeOfBroker(id, brokers, topology, names));
  return nodes;
}

async function nodeOfBroker(
  id: number,
  brokers: readonly BrokerView[],
  topology: Topology,
  names: Names,
): Promise<string> {
  const named = [...topology.nodes.values()].filter((node) =>
    (node.settings.get(kafkaNodeIdKey) ?? "").split(",").some((one) => one.trim() === String(id)),
  );
  const broker = brokers.find((one) => one.id === id);
  const candidates =
    named.length > 0 || broker === undefined
      ? named.map((node) => node.name)
      : await nodesAt(broker.host, topology, names);
  const [node, ...more] = candidates;
  if (node !== undefined && more.length === 0) return node;
  const where = broker === undefined ? "" : ` (${broker.host}:${broker.port})`;
  const what = node === undefined ? "is on none" : `may be on ${candidates.join(" or ")}`;
  throw new TrogdorError(
    "task",
    `kafkaTarget: broker ${id}${where} ${what} of the cluster's nodes; give its node ` +
      `"${kafkaNodeIdKey}": ${id} in trogdor.conf`,
  );
}

async function nodesAt(host: string, topology: Topology, names: Names): Promise<string[]> {
  const wanted = await addressesOf(host, names);
  const found: string[] = [];
  for (const { name, hostname } of topology.nodes.values()) {
    const own = await addressesOf(hostname, names);
    if (own.some((address) => wanted.includes(address))) found.push(name);
  }
  return found;
}

/** A name that nobody knows has no address. */
async function addressesOf(host: string, names: Names): Promise<string[]> {
  try {
    return (await names.resolve(host)).map(({ address }) => address);
  } catch {
    return [];
  }
}
