// The native implementation of the Kafka client interface, the default.

import type { KafkaClients } from "../client.ts";
import { createAdmin } from "./admin.ts";
import { createConsumer } from "./consumer/consumer.ts";
import { createGroupAdmin } from "./consumer/group-admin.ts";
import { createProducer } from "./producer.ts";
import { createShareConsumer } from "./share/share-consumer.ts";

export const nativeClients: KafkaClients = {
  library: "native",
  admin: createAdmin,
  producer: createProducer,
  consumer: createConsumer,
  groupAdmin: createGroupAdmin,
  shareConsumer: createShareConsumer,
};
