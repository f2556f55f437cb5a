// What is wrong with records that can never be sent: to a topicPartition that does not exist, or
// too large. They fail at once, with an outcome of their own.

import type { KafkaError } from "../client.ts";
import { noSuchPartition, recordTooLarge, topicNotStarted } from "../producer-errors.ts";
import type { TopicQueues } from "./partition-queue.ts";
import { batchHeaderBytes } from "./record-batch.ts";

/** Undefined when a record of this size may go to this topicPartition (-1: any). */
export function appendFailure(
  topicName: string,
  topic: TopicQueues | undefined,
  index: number,
  sizeBytes: number,
  maxRequestSizeBytes: number,
): KafkaError | undefined {
  if (topic === undefined) return topicNotStarted(topicName);
  if (sizeBytes + batchHeaderBytes > maxRequestSizeBytes) {
    return recordTooLarge(sizeBytes + batchHeaderBytes, maxRequestSizeBytes, "max.request.size");
  }
  if (index !== -1 && topic.queues[index] === undefined) {
    return noSuchPartition(topicName, index, topic.queues.length);
  }
  return undefined;
}
