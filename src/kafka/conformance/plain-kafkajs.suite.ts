// kafkajs itself, for what tests do besides the client that they test: read back, delete, add
// partitions. It connects as the run's client settings say.

import type { Kafka } from "kafkajs";
import { createConnector } from "../kafkajs/connect.ts";
import { adminConf, environment } from "./test-load.suite.ts";

export async function plainKafkajs(bootstrapServers: string): Promise<Kafka> {
  const conf = await adminConf({ "bootstrap.servers": bootstrapServers });
  const connector = createConnector(conf, environment);
  return connector.kafka(await connector.load(), { initialRetryTime: 100, retries: 8 });
}
