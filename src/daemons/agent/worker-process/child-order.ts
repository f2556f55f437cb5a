// The first line that a child of ours gets, in the form that every external program gets it:
// {"id":TASK,"workload":...}. Ours finds all in it that an order of the agent holds.

import type { Topology, TopologyNode } from "../../../core/topology.ts";
import { TrogdorError } from "../../../core/trogdor-error.ts";
import { type JsonValue, parseJson, SPEC_SIZE_MAX_BYTES } from "../../../spec/json.ts";
import { type PrintTree, printCompact } from "../../../spec/print.ts";
import { canonicalTaskSpec, parseTaskSpec } from "../../../tasks/parse-task-spec.ts";
import type { WorkerOrder } from "../worker-runner.ts";

/** A spec, escaped, with the nodes of a large cluster. */
const ORDER_SIZE_MAX = 4 * SPEC_SIZE_MAX_BYTES;

export function childOrderLine(order: WorkerOrder): string {
  const workload: PrintTree = {
    workerId: order.workerId,
    node: order.node,
    topology: [...order.topology.nodes.values()].map(nodeTree),
    // As text, so that it is read by the same rules as everywhere.
    spec: canonicalTaskSpec(order.taskType, order.spec),
  };
  return printCompact({ id: order.taskId, workload });
}

export function readChildOrder(line: string): WorkerOrder {
  const { id, workload } = members(parseJson(line, { sizeMax: ORDER_SIZE_MAX }));
  const { workerId, node, topology, spec } = members(workload);
  if (typeof workerId !== "number" && typeof workerId !== "bigint") throw notAnOrder();
  return {
    taskId: text(id),
    workerId: BigInt(workerId),
    node: text(node),
    topology: readTopology(topology),
    ...parseTaskSpec(text(spec)),
  };
}

function nodeTree({ name, hostname, tags, settings }: TopologyNode): PrintTree {
  return { name, hostname, tags, settings: [...settings] };
}

function readTopology(value: JsonValue | undefined): Topology {
  const nodes = list(value).map((element): [string, TopologyNode] => {
    const { name, hostname, tags, settings } = members(element);
    const pairs = list(settings).map((pair): [string, string] => {
      const [key, setting] = list(pair);
      return [text(key), text(setting)];
    });
    const node = { name: text(name), hostname: text(hostname), tags: list(tags).map(text) };
    return [node.name, { ...node, settings: new Map(pairs) }];
  });
  return { nodes: new Map(nodes) };
}

function members(value: JsonValue | undefined): Readonly<Record<string, JsonValue | undefined>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw notAnOrder();
  return value as Readonly<Record<string, JsonValue>>;
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  if (!Array.isArray(value)) throw notAnOrder();
  return value;
}

function text(value: JsonValue | undefined): string {
  if (typeof value !== "string") throw notAnOrder();
  return value;
}

function notAnOrder(): TrogdorError {
  return new TrogdorError(
    "usage",
    "trogdor worker is started by an agent, which writes what to run to its input; " +
      "use trogdor exec SPEC to run a task",
  );
}
