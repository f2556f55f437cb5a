// NetworkPartitionFault: nodes of different groups drop each other's incoming TCP.

import { defineTask } from "../../define-task.ts";
import { faultProgress } from "../../fault-progress.ts";
import { faultWorker } from "../../fault-runner.ts";
import { kafkaTargetProblems } from "../../kafka-targets/kafka-target.ts";
import {
  CLASS_NAME,
  groupsOf,
  type NetworkPartitionSpec,
  networkPartitionSchema,
  nobodyElse,
  SHORT_NAME,
} from "./spec.ts";

const loadFault = async () => (await import("./worker.ts")).networkPartition;

export const networkPartitionFault = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "fault",
  summary: "Cuts groups of nodes off each other.",
  schema: networkPartitionSchema,
  targetNodes: (spec) => [...new Set(groupsOf(spec).flat())].sort(),
  check: problemsOf,
  loadWorker: async () => faultWorker(loadFault),
  loadFault,
  progress: faultProgress,
});

function problemsOf({ partitions, kafkaTarget }: NetworkPartitionSpec) {
  if (kafkaTarget === undefined) return repeatedNodes(partitions);
  const message = "expected either partitions or a kafkaTarget, found both";
  const twice = partitions.length === 0 ? [] : [{ path: "kafkaTarget", message }];
  return [...twice, ...kafkaTargetProblems(kafkaTarget)];
}

function repeatedNodes(partitions: readonly (readonly string[])[]) {
  const names = partitions.flat();
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  const none = { path: "partitions", message: "No node names specified." };
  const isSplit = partitions.filter((group) => group.length > 0).length > 1;
  const alone = isSplit ? [] : [{ path: "partitions", message: nobodyElse }];
  const problems = [...repeated].map((name) => ({
    path: "partitions",
    message: `Node ${name} appears in more than one partition.`,
  }));
  return names.length === 0 ? [none] : [...problems, ...alone];
}
