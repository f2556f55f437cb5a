// The Kafka client interface over kafkajs: what an application on that library would see. Chosen
// with "clientLibrary": "kafkajs"; limits.ts says what it cannot do.

import { type KafkaClients, KafkaError } from "../client.ts";
import { createAdmin } from "./admin.ts";
import { createConsumer } from "./consumer.ts";
import { createGroupAdmin } from "./group-admin.ts";
import { createProducer } from "./producer.ts";

export const kafkajsClients: KafkaClients = {
  library: "kafkajs",
  admin: createAdmin,
  producer: createProducer,
  consumer: createConsumer,
  groupAdmin: createGroupAdmin,
  shareConsumer() {
    throw new KafkaError(
      "UNSUPPORTED_BY_CLIENT_LIBRARY",
      'kafkajs has no share groups; use "clientLibrary": "native"',
      false,
    );
  },
};
