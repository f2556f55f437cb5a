// The spec of NetworkPartitionFault.

import type { InferOutput } from "valibot";
import { taskEntries } from "../../../spec/task-entries.ts";
import { field } from "../../../spec/types/field.ts";
import { listOf } from "../../../spec/types/list.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";
import { kafkaTargetField } from "../../kafka-targets/kafka-target.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.fault.NetworkPartitionFaultSpec";
export const SHORT_NAME = "NetworkPartitionFault";

export const networkPartitionSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    partitions: field(
      listOf(listOf(text())),
      [],
      "Groups of node names. Nodes of different groups do not hear each other's TCP; nodes in no " +
        "group are left alone.",
    ),
    kafkaTarget: kafkaTargetField(),
  },
  { typeField: "class" },
);

export type NetworkPartitionSpec = InferOutput<typeof networkPartitionSchema>;

/** The groups that the spec names, or those that were found: whom it means, and the others. */
export function groupsOf({ partitions, kafkaTarget }: NetworkPartitionSpec): string[][] {
  const resolved = kafkaTarget?.resolved;
  return resolved === undefined ? partitions : [resolved.nodes, resolved.others];
}

export const nobodyElse =
  "only one partition has nodes, so nobody would be cut off: expected two or more";
