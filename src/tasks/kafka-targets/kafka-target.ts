// A field of faults that says who is hit rather than where: the active controller, the leader of a
// topicPartition, and so on. It is resolved when the fault starts, and what was found is noted
// in it.

import type { InferOutput } from "valibot";
import type { Problem } from "../../core/trogdor-error.ts";
import { choice } from "../../spec/types/choice.ts";
import { field, optionalField } from "../../spec/types/field.ts";
import { int32 } from "../../spec/types/integer.ts";
import { listOf } from "../../spec/types/list.ts";
import { mapOf } from "../../spec/types/map.ts";
import { specObject } from "../../spec/types/object.ts";
import { text } from "../../spec/types/text.ts";

const resolvedSchema = specObject({
  brokers: field(listOf(int32()), [], "The ids of the brokers that are hit."),
  nodes: field(listOf(text()), [], "Their nodes."),
  others: field(listOf(text()), [], "The nodes of the others."),
});

const kafkaTargetSchema = specObject({
  who: field(
    choice([
      "activeController",
      "leader",
      "groupCoordinator",
      "randomBroker",
      "minority",
      "majority",
    ]),
    "randomBroker",
    "Which brokers: the leader of topicPartition, the coordinator of group, one by chance, fewer " +
      "than half of them, more than half of them.",
  ),
  bootstrapServers: field(text(), "", "Kafka's brokers, as host:port, with commas between."),
  topicPartition: field(text(), "", "For leader: topic and number, such as foo:0."),
  group: field(text(), "", "For groupCoordinator: the group's id."),
  others: field(
    choice(["all", "replicas", "controllers"]),
    "all",
    "For a partition: from whom they are cut off. replicas: those of topicPartition.",
  ),
  commonClientConf: field(mapOf(text()), {}, "Configuration of the client that asks."),
  adminClientConf: field(mapOf(text()), {}, "The same; wins over commonClientConf."),
  resolved: optionalField(resolvedSchema, "What was found; filled in when the fault starts."),
});

export type KafkaTarget = InferOutput<typeof kafkaTargetSchema>;
export type ResolvedTarget = InferOutput<typeof resolvedSchema>;

/** The field of a fault's schema. */
export const kafkaTargetField = () =>
  optionalField(
    kafkaTargetSchema,
    "Brokers by their part in the cluster, in place of node names; found when the fault starts.",
    { isExtension: true },
  );

export function kafkaTargetProblems(target: KafkaTarget | undefined): Problem[] {
  if (target === undefined) return [];
  const { who, topicPartition, group, bootstrapServers, others } = target;
  const problems: Problem[] = [];
  const wrong = (field: string, message: string) =>
    problems.push({ path: `kafkaTarget.${field}`, message });
  const hasServers = [target.commonClientConf, target.adminClientConf].some((conf) =>
    conf.has("bootstrap.servers"),
  );
  if (bootstrapServers === "" && !hasServers) {
    wrong("bootstrapServers", 'is empty: expected Kafka\'s brokers, such as "localhost:9092"');
  }
  const needsPartition = who === "leader" || others === "replicas";
  if (needsPartition && parseTopicPartition(topicPartition) === undefined) {
    wrong("topicPartition", `expected topic and number, such as foo:0, found "${topicPartition}"`);
  }
  if (who === "groupCoordinator" && group === "") {
    wrong("group", 'expected the id of a group, found ""');
  }
  return problems;
}

export function parseTopicPartition(given: string) {
  const [, topic, number] = /^(.+):(\d{1,9})$/.exec(given) ?? [];
  if (topic === undefined) return undefined;
  return { topic, topicPartition: Number(number) };
}
