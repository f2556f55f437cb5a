// The broker of a bench: one real Kafka on this machine, as its own start script would run it, for
// as long as the work lasts. It is stopped and its data deleted even when this process is killed.

import { join } from "node:path";
import { startCluster, stopCluster } from "../kafka-cluster/cluster.ts";
import { brokerDir } from "../kafka-cluster/cluster-files.ts";
import { keepUntilEnd } from "../kafka-cluster/keep-until-end.ts";
import type { KafkaVersion } from "../kafka-cluster/options.ts";

export const KAFKA_VERSION: KafkaVersion = "4.1.0";
export const BROKER_HEAP = "1g";
/** Files of a deleted topic go soon: the disk holds one run's data, and no run pays for another. */
export const BROKER_PROPERTIES: Readonly<Record<string, string>> = {
  "log.segment.delete.delay.ms": "1000",
};

export interface BenchBroker {
  readonly bootstrapServers: string;
  readonly pid: number;
  readonly dataDir: string;
}

export async function withBroker(
  onProgress: (line: string) => void,
  work: (broker: BenchBroker) => Promise<void>,
): Promise<void> {
  const name = `bench-${process.pid}`;
  keepUntilEnd(name);
  try {
    const request = { name, port: "auto", version: KAFKA_VERSION, heap: BROKER_HEAP } as const;
    const { data } = await startCluster({ ...request, properties: BROKER_PROPERTIES }, onProgress);
    await work({
      bootstrapServers: data.bootstrapServers.PLAINTEXT,
      pid: data.brokers[0]?.pid ?? 0,
      dataDir: join(brokerDir(name, 1), "data"),
    });
  } finally {
    await stopCluster(name, true);
    onProgress("the broker has stopped and its data is deleted");
  }
}
