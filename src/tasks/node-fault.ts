// What all faults of our own have in common as task types: they hit the nodes that `nodeNames`
// lists, and their status is a text or holds one.

import type { GenericSchema, InferOutput } from "valibot";
import type { Problem } from "../core/trogdor-error.ts";
import { field } from "../spec/types/field.ts";
import { setOf } from "../spec/types/list.ts";
import { text } from "../spec/types/text.ts";
import type { AnyFault } from "./define-fault.ts";
import { defineTask, type TaskType } from "./define-task.ts";
import { faultProgress } from "./fault-progress.ts";
import { faultWorker } from "./fault-runner.ts";
import {
  type KafkaTarget,
  kafkaTargetField,
  kafkaTargetProblems,
} from "./kafka-targets/kafka-target.ts";

/** Fields of the schema. */
export const nodeFields = () => ({
  nodeNames: field(setOf(text()), [], "The nodes that are hit."),
  kafkaTarget: kafkaTargetField(),
});

export interface NodeFault<Schema extends GenericSchema> {
  readonly className: string;
  readonly shortName: string;
  readonly summary: string;
  readonly schema: Schema;
  /** Beside a missing node. */
  check(spec: InferOutput<Schema>): readonly Problem[] | Promise<readonly Problem[]>;
  /** The spec holds a command of the caller's own. */
  runsCommand?(spec: InferOutput<Schema>): boolean;
  loadFault(): Promise<AnyFault>;
}

interface NodeSpec {
  readonly nodeNames: readonly string[];
  readonly kafkaTarget?: KafkaTarget | undefined;
}

/** The nodes of a spec, by name or by what was found for its kafkaTarget. */
export function namedNodes({ nodeNames, kafkaTarget }: NodeSpec): string[] {
  return (kafkaTarget?.resolved?.nodes ?? nodeNames).toSorted();
}

/** It begins as the reference's. */
const noNames =
  'No node names specified. Expected those that are hit, such as ["node1"]; with exec and no ' +
  "--config, every name means this machine";

export function namedNodesProblems({ nodeNames, kafkaTarget }: NodeSpec): Problem[] {
  if (kafkaTarget === undefined) {
    return nodeNames.length > 0 ? [] : [{ path: "nodeNames", message: noNames }];
  }
  const message = "expected either nodeNames or a kafkaTarget, found both";
  const twice = nodeNames.length === 0 ? [] : [{ path: "kafkaTarget", message }];
  return [...twice, ...kafkaTargetProblems(kafkaTarget)];
}

export function defineNodeFault<Schema extends GenericSchema<unknown, NodeSpec>>(
  fault: NodeFault<Schema>,
): TaskType<Schema> {
  return defineTask({
    className: fault.className,
    shortName: fault.shortName,
    kind: "fault",
    summary: fault.summary,
    schema: fault.schema,
    targetNodes: (spec) => namedNodes(spec as NodeSpec),
    check: async (spec) => [...namedNodesProblems(spec as NodeSpec), ...(await fault.check(spec))],
    loadWorker: async () => faultWorker(() => fault.loadFault()),
    loadFault: () => fault.loadFault(),
    ...(fault.runsCommand === undefined ? {} : { runsCommand: fault.runsCommand }),
    progress: faultProgress,
  });
}
