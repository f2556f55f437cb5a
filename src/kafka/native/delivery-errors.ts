// What the sender says of batches that it gives up itself.

import { KafkaError } from "../client.ts";
import type { PartitionQueue } from "./partition-queue.ts";

/** The broker refused the order of this producer's batches so often that there is no epoch left. */
export function epochsUsedUp(
  { topic, topicPartition }: PartitionQueue,
  last: KafkaError,
): KafkaError {
  const message =
    `partition ${topicPartition} of topic "${topic.name}" refused the order of batches too often` +
    ` for one producer id; the last error was: ${last.message}`;
  return new KafkaError("INVALID_PRODUCER_EPOCH", message, false, last);
}

export function expiredError(deliveryTimeoutMs: number, last: KafkaError | undefined): KafkaError {
  const reason = last === undefined ? "" : `; the last error was: ${last.message}`;
  return new KafkaError(
    "TIMED_OUT",
    `no acknowledgement within delivery.timeout.ms (${deliveryTimeoutMs})${reason}`,
    false,
    last,
  );
}
