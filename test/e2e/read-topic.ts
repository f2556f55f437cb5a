// All committed records of a topic: a marker behind the last record of each topicPartition says
// where the end is, so that records of an aborted transaction are not waited for.

import kafkajs from "kafkajs";
import { type ReadRecord, readBack } from "../../src/kafka/conformance/read-back.suite.ts";

const END = "end-of-topic";

export async function readTopic(
  bootstrapServers: string,
  topic: string,
  partitionCount: number,
): Promise<ReadRecord[]> {
  const kafka = new kafkajs.Kafka({
    brokers: bootstrapServers.split(","),
    logLevel: kafkajs.logLevel.NOTHING,
    // One second, the default, is little on a busy machine.
    connectionTimeout: 20_000,
  });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = Array.from({ length: partitionCount }, (_, partition) => ({
    partition,
    key: END,
    value: END,
  }));
  await producer.send({ topic, messages });
  await producer.disconnect();
  const isEnd = (record: ReadRecord) => record.key === END;
  const records = await readBack(
    bootstrapServers,
    topic,
    (read) => read.filter(isEnd).length === partitionCount,
  );
  return records.filter((record) => !isEnd(record));
}

/** The number of records in each topicPartition. */
export function countsByPartition(records: readonly ReadRecord[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { partition } of records) counts[partition] = (counts[partition] ?? 0) + 1;
  return counts;
}
