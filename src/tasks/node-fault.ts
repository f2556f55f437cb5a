// What all faults of our own have in common as task types: they hit the nodes that `nodeNames`
// lists, and their status is a text or holds one.

import type { GenericSchema, InferOutput } from "valibot";
import type { Problem } from "../core/trogdor-error.ts";
import { field } from "../spec/types/field.ts";
import { setOf } from "../spec/types/list.ts";
import { text } from "../spec/types/text.ts";
import type { AnyFault } from "./define-fault.ts";
import { defineTask, type TaskType } from "./define-task.ts";
import { faultWorker } from "./fault-runner.ts";

/** The field of the schema. */
export const nodeNames = () => field(setOf(text()), [], "The nodes that are hit.");

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
    targetNodes: (spec) => (spec as NodeSpec).nodeNames.toSorted(),
    async check(spec) {
      const none = { path: "nodeNames", message: "No node names specified." };
      const isEmpty = (spec as NodeSpec).nodeNames.length === 0;
      return [...(isEmpty ? [none] : []), ...(await fault.check(spec))];
    },
    loadWorker: async () => faultWorker(() => fault.loadFault()),
    loadFault: () => fault.loadFault(),
    ...(fault.runsCommand === undefined ? {} : { runsCommand: fault.runsCommand }),
    progress: (status) => (typeof status === "string" ? { phase: status } : {}),
  });
}
