// The one task type of the simulation: its spec names the nodes, what its workers do is decided by
// the simulated runner. Compact JSON in the order of the canonical form.

import type { SpecData } from "../core/spec-data.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import type { TaskType } from "../tasks/define-task.ts";
import type { TaskCatalog } from "../tasks/spec-catalog.ts";

const className = "trogdor.SimulatedSpec";

export interface SimulatedSpec {
  readonly startMs: number;
  readonly durationMs: number;
  /** Where its workers run. */
  readonly nodes: readonly string[];
  /** Workers of a fault change the node that they run on. */
  readonly isFault: boolean;
}

export function simulatedSpec({ startMs, durationMs, nodes, isFault }: SimulatedSpec): SpecData {
  const text = JSON.stringify({ class: className, startMs, durationMs, nodes, isFault });
  return { className, startMs: BigInt(startMs), durationMs, text };
}

export function readSimulatedSpec(spec: SpecData): SimulatedSpec {
  return JSON.parse(spec.text) as SimulatedSpec;
}

export const simulatedCatalog: TaskCatalog = {
  read() {
    throw new TrogdorError("spec", "the simulation reads no requests");
  },
  targetNodes: (spec) => readSimulatedSpec(spec).nodes,
  javaForm: () => undefined,
  parsed(spec) {
    const own = { ...readSimulatedSpec(spec), class: className, startMs: spec.startMs };
    return { taskType, spec: own };
  },
  problems: async () => [],
  runsCommand: () => false,
};

const taskType = {
  className,
  shortName: "Simulated",
  kind: "task",
  summary: "",
  check: () => [],
  targetNodes: () => [],
  loadWorker: async () => async () => {},
} as unknown as TaskType;
