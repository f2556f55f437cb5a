// The spec of ProduceBench: the reference's fields in its printing order, then our own.

import * as v from "valibot";
import { payloadGenerator } from "../../../measure/payload/payload-spec.ts";
import { taskEntries } from "../../../spec/task-entries.ts";
import { topicMap } from "../../../spec/topics.ts";
import { boolean } from "../../../spec/types/boolean.ts";
import { choice } from "../../../spec/types/choice.ts";
import { field, optionalField } from "../../../spec/types/field.ts";
import { int32, int64 } from "../../../spec/types/integer.ts";
import { textMap } from "../../../spec/types/map.ts";
import { nodeNamesField } from "../../../spec/types/node-names.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";
import { transactionGenerator } from "./transactions.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.workload.ProduceBenchSpec";
export const SHORT_NAME = "ProduceBench";

export const produceBenchSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    producerNode: nodeNamesField("The agent node that produces, or several that do so each."),
    bootstrapServers: field(
      text(),
      "",
      "Kafka's brokers as host:port, separated by commas, for the admin client and the producer.",
    ),
    targetMessagesPerSec: field(int32(), 0, "The rate to keep. 0 and below mean 10 a second.", {
      unit: "messages/s",
    }),
    maxMessages: field(int64(), 0, "How many messages to send. 0 ends the task at once.", {
      unit: "messages",
    }),
    keyGenerator: field(
      payloadGenerator,
      { type: "sequential", size: 4 },
      "Makes the key of each message.",
    ),
    valueGenerator: field(
      payloadGenerator,
      { type: "constant", size: 512 },
      "Makes the value of each message.",
    ),
    transactionGenerator: optionalField(
      transactionGenerator,
      "Sends the messages in transactions. Absent: none.",
    ),
    producerConf: field(textMap(), {}, "The producer's configuration, by Java's names."),
    commonClientConf: field(
      textMap(),
      {},
      "Configuration of all clients, by Java's names; producerConf and adminClientConf win.",
    ),
    adminClientConf: field(textMap(), {}, "The admin client's configuration, by Java's names."),
    activeTopics: field(
      topicMap(),
      {},
      "The topics to send to, created when missing. Names may hold a range: foo[1-3].",
      { alwaysPrinted: true },
    ),
    inactiveTopics: field(
      topicMap(),
      {},
      "Topics that are created when missing and get no messages.",
      { alwaysPrinted: true },
    ),
    useConfiguredPartitioner: field(
      boolean(),
      false,
      "True: the client's partitioner chooses. False: all partitions in turn.",
    ),
    skipFlush: field(
      boolean(),
      false,
      "True: batches are sent by linger.ms and batch.size alone. False: also every 100 ms.",
    ),
    clientLibrary: field(
      choice(["native", "kafkajs"]),
      "native",
      "The Kafka client that sends: our own, or kafkajs as applications use it.",
      { isExtension: true },
    ),
    warmupMs: field(
      v.pipe(int64(), v.minValue(0n, "expected 0 or more milliseconds")),
      0,
      "Latencies of the messages that are sent in this first time do not count.",
      { unit: "ms", isExtension: true },
    ),
  },
  { typeField: "class" },
);

export type ProduceBenchSpec = v.InferOutput<typeof produceBenchSchema>;
