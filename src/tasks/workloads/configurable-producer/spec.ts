// The spec of ConfigurableProducer: the reference's fields in its printing order, then our own.

import type * as v from "valibot";
import { payloadGenerator } from "../../../measure/payload/payload-spec.ts";
import { flushGenerator } from "../../../measure/throughput/flush-spec.ts";
import { throughputGenerator } from "../../../measure/throughput/throughput-spec.ts";
import { taskEntries } from "../../../spec/task-entries.ts";
import { topicMap } from "../../../spec/topics.ts";
import { choice } from "../../../spec/types/choice.ts";
import { field, optionalField } from "../../../spec/types/field.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { textMap } from "../../../spec/types/map.ts";
import { nodeNamesField } from "../../../spec/types/node-names.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.workload.ConfigurableProducerSpec";
export const SHORT_NAME = "ConfigurableProducer";

export const configurableProducerSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    producerNode: nodeNamesField("The agent node that produces, or several that do so each."),
    bootstrapServers: field(text(), "", "Kafka's brokers as host:port, separated by commas."),
    flushGenerator: optionalField(
      flushGenerator,
      "After how many messages to flush and to wait for the answers. Absent: never.",
    ),
    throughputGenerator: optionalField(
      throughputGenerator,
      "How many messages go out in each window of time. Required.",
    ),
    keyGenerator: optionalField(payloadGenerator, "Makes the key of each message. Required."),
    valueGenerator: optionalField(payloadGenerator, "Makes the value of each message. Required."),
    producerConf: field(textMap(), {}, "The producer's configuration, by Java's names."),
    commonClientConf: field(
      textMap(),
      {},
      "Configuration of all clients, by Java's names; producerConf and adminClientConf win.",
    ),
    adminClientConf: field(textMap(), {}, "The admin client's configuration, by Java's names."),
    activeTopic: field(topicMap(), {}, "The one topic to send to, created when missing.", {
      alwaysPrinted: true,
    }),
    activePartition: field(int32(), 0, "The partition to send to. -1: the partitioner chooses."),
    clientLibrary: field(
      choice(["native", "kafkajs"]),
      "native",
      "The Kafka client that sends: our own, or kafkajs as applications use it.",
      { isExtension: true },
    ),
  },
  { typeField: "class" },
);

export type ConfigurableProducerSpec = v.InferOutput<typeof configurableProducerSchema>;
