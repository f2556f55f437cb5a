// The spec of SustainedConnection: the reference's fields in its printing order, then our own.

import * as v from "valibot";
import { payloadGenerator } from "../../../measure/payload/payload-spec.ts";
import { taskEntries } from "../../../spec/task-entries.ts";
import { choice } from "../../../spec/types/choice.ts";
import { field, optionalField } from "../../../spec/types/field.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { textMap } from "../../../spec/types/map.ts";
import { nodeNamesField } from "../../../spec/types/node-names.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.workload.SustainedConnectionSpec";
export const SHORT_NAME = "SustainedConnection";

export const sustainedConnectionSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    clientNode: nodeNamesField("The agent node that connects, or several that do so each."),
    bootstrapServers: field(text(), "", "Kafka's brokers as host:port, separated by commas."),
    producerConf: field(textMap(), {}, "The producers' configuration, by Java's names."),
    consumerConf: field(textMap(), {}, "The consumers' configuration, by Java's names."),
    adminClientConf: field(textMap(), {}, "Read and not used, as in the reference."),
    commonClientConf: field(
      textMap(),
      {},
      "Configuration of all clients, by Java's names; producerConf and consumerConf win.",
    ),
    keyGenerator: optionalField(payloadGenerator, "Makes the keys that producers send."),
    valueGenerator: optionalField(payloadGenerator, "Makes the values that producers send."),
    producerConnectionCount: field(int32(), 0, "Producers, each with connections of its own."),
    consumerConnectionCount: field(int32(), 0, "Consumers, each with connections of its own."),
    metadataConnectionCount: field(int32(), 0, "Admin clients, each with one of its own."),
    topicName: field(text(), "", "The topic of producers and consumers; it must exist."),
    numThreads: field(atLeastOne(), 0, "Connections that are refreshed at the same time."),
    refreshRateMs: field(atLeastOne(), 0, "How long a connection is left alone, at least 1.", {
      unit: "ms",
    }),
    clientLibrary: field(
      choice(["native", "kafkajs"]),
      "native",
      "The Kafka client: our own, or kafkajs as applications use it.",
      { isExtension: true },
    ),
  },
  { typeField: "class" },
);

export type SustainedConnectionSpec = v.InferOutput<typeof sustainedConnectionSchema>;

function atLeastOne() {
  return v.pipe(
    int32(),
    v.transform((count: number) => Math.max(1, count)),
  );
}
