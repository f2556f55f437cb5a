// Records that can never be sent: to a topicPartition that does not exist, or too large. They fail
// at once with an outcome of their own, in the Java client's words where it has some.

import { KafkaError, type SendOutcome } from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import type { TopicQueues } from "./partition-queue.ts";
import { batchHeaderBytes } from "./record-batch.ts";

export interface AppendFailures {
  onRefused(outcome: SendOutcome): void;
}

export function appendFailures(conf: ProducerConf, { onRefused }: AppendFailures) {
  const recordBytesMax = conf.maxRequestSizeBytes - batchHeaderBytes;
  return {
    /** What is wrong with a record of this size for this topicPartition (-1: any). */
    of(
      topicName: string,
      topic: TopicQueues | undefined,
      index: number,
      sizeBytes: number,
    ): KafkaError | undefined {
      if (topic === undefined) return notStarted(topicName);
      if (sizeBytes > recordBytesMax) return tooLarge(sizeBytes + batchHeaderBytes, conf);
      if (index !== -1 && topic.queues[index] === undefined) return noSuchPartition(topic, index);
      return undefined;
    },
    refuse(
      topic: string,
      topicPartition: number,
      intendedUs: number,
      nowUs: number,
      payloadBytes: number,
      error: KafkaError,
    ): void {
      onRefused({
        topic,
        topicPartition,
        count: 1,
        intendedUs: Float64Array.of(intendedUs),
        appendedUs: Float64Array.of(nowUs),
        sentUs: nowUs,
        completedUs: nowUs,
        payloadBytes,
        error,
      });
    },
  };
}

function tooLarge(sizeBytes: number, conf: ProducerConf): KafkaError {
  return new KafkaError(
    "RECORD_TOO_LARGE",
    `The message is ${sizeBytes} bytes when serialized which is larger than` +
      ` ${conf.maxRequestSizeBytes}, which is the value of the max.request.size configuration.`,
    false,
  );
}

function noSuchPartition(topic: TopicQueues, index: number): KafkaError {
  return new KafkaError(
    "UNKNOWN_TOPIC_OR_PARTITION",
    `topic "${topic.name}" has ${topic.queues.length} partitions, there is no partition ${index}`,
    false,
  );
}

function notStarted(topicName: string): KafkaError {
  const message = `topic "${topicName}" was not named when the producer was started`;
  return new KafkaError("UNKNOWN_TOPIC_OR_PARTITION", message, false);
}
