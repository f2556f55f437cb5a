// The fields of all round trips, with whichever consumer, in the reference's printing order; then
// our own.

import { payloadGenerator } from "../../measure/payload/payload-spec.ts";
import { topicMap } from "../../spec/topics.ts";
import { choice } from "../../spec/types/choice.ts";
import { field } from "../../spec/types/field.ts";
import { int32, int64 } from "../../spec/types/integer.ts";
import { textMap } from "../../spec/types/map.ts";
import { nodeNamesField } from "../../spec/types/node-names.ts";
import { text } from "../../spec/types/text.ts";

export function roundTripEntries() {
  return {
    clientNode: nodeNamesField("The agent node that sends and receives, or several that do."),
    bootstrapServers: field(text(), "", "Kafka's brokers as host:port, separated by commas."),
    commonClientConf: field(
      textMap(),
      {},
      "Configuration of all clients, by Java's names; the specific maps win.",
    ),
    adminClientConf: field(textMap(), {}, "The admin client's configuration, by Java's names."),
    consumerConf: field(textMap(), {}, "The consumer's configuration, by Java's names."),
    producerConf: field(textMap(), {}, "The producer's configuration, by Java's names."),
    targetMessagesPerSec: field(int32(), 0, "The rate to keep, above 0.", { unit: "messages/s" }),
    valueGenerator: field(
      payloadGenerator,
      { type: "uniformRandom", size: 32, seed: 123, padding: 10 },
      "Makes the value of each message; the key is the message's number.",
    ),
    activeTopics: field(
      topicMap(),
      {},
      "The topics to send to and receive from, created when missing: foo[1-3].",
      { alwaysPrinted: true },
    ),
    maxMessages: field(int64(), 0, "How many messages must come back. 0 ends the task at once.", {
      unit: "messages",
    }),
    clientLibrary: field(
      choice(["native", "kafkajs"]),
      "native",
      "The Kafka client: our own, or kafkajs as applications use it.",
      { isExtension: true },
    ),
  };
}
