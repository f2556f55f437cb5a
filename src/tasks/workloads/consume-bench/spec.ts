// The spec of ConsumeBench: the reference's fields in its printing order, then our own.

import type * as v from "valibot";
import { taskEntries } from "../../../spec/task-entries.ts";
import { choice } from "../../../spec/types/choice.ts";
import { field, optionalField } from "../../../spec/types/field.ts";
import { int32, int64 } from "../../../spec/types/integer.ts";
import { listOf } from "../../../spec/types/list.ts";
import { textMap } from "../../../spec/types/map.ts";
import { nodeNamesField } from "../../../spec/types/node-names.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";
import { recordProcessor } from "../../record-processing/record-processor-spec.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.workload.ConsumeBenchSpec";
export const SHORT_NAME = "ConsumeBench";

export const consumeBenchSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    consumerNode: nodeNamesField("The agent node that consumes, or several that do so each."),
    bootstrapServers: field(text(), "", "Kafka's brokers as host:port, separated by commas."),
    targetMessagesPerSec: field(
      int32(),
      0,
      "The rate that no consumer exceeds. 0 and below mean without a limit.",
      { unit: "messages/s" },
    ),
    maxMessages: field(
      int64(),
      0,
      "How many messages each consumer takes. 0 ends the task at once.",
      { unit: "messages" },
    ),
    consumerGroup: field(
      text(),
      "",
      "The group of all consumers. Empty: each has a fresh group of its own.",
    ),
    consumerConf: field(textMap(), {}, "The consumers' configuration, by Java's names."),
    commonClientConf: field(
      textMap(),
      {},
      "Configuration of all clients, by Java's names; consumerConf wins.",
    ),
    adminClientConf: field(textMap(), {}, "Read and not used, as in the reference."),
    threadsPerWorker: field(int32(), 1, "The number of consumers. 0 and below mean 1."),
    recordProcessor: optionalField(
      recordProcessor,
      "Looks into the values: measures latencies from the time that producers wrote there.",
    ),
    activeTopics: field(
      listOf(text()),
      [],
      "What to consume: names or ranges of topics (foo[1-3]), or of partitions (foo:[0-4]).",
    ),
    clientLibrary: field(
      choice(["native", "kafkajs"]),
      "native",
      "The Kafka client that consumes: our own, or kafkajs as applications use it.",
      { isExtension: true },
    ),
  },
  { typeField: "class" },
);

export type ConsumeBenchSpec = v.InferOutput<typeof consumeBenchSchema>;
