// What both producers say of records that they refuse, and of calls that do not fit the producer's
// state: an application sees one text whatever the client library, in the Java client's words where
// it has some.

import { KafkaError, type SendOutcome } from "./client.ts";

/** `limitKey` is the configuration whose value `limitBytes` the record breaks. */
export function recordTooLarge(sizeBytes: number, limitBytes: number, limitKey: string) {
  return new KafkaError(
    "RECORD_TOO_LARGE",
    `The message is ${sizeBytes} bytes when serialized which is larger than` +
      ` ${limitBytes}, which is the value of the ${limitKey} configuration.`,
    false,
  );
}

export function noSuchPartition(topicName: string, index: number, partitionCount: number) {
  return new KafkaError(
    "UNKNOWN_TOPIC_OR_PARTITION",
    `topic "${topicName}" has ${partitionCount} partitions, there is no partition ${index}`,
    false,
  );
}

export function topicNotStarted(topicName: string): KafkaError {
  const message = `topic "${topicName}" was not named when the producer was started`;
  return new KafkaError("UNKNOWN_TOPIC_OR_PARTITION", message, false);
}

/** For a record of a transaction that failed before it was sent. */
export function transactionAborted(error: KafkaError): KafkaError {
  const message = `the transaction failed before this record was sent: ${error.message}`;
  return new KafkaError("TRANSACTION_ABORTED", message, false, error);
}

export function notTransactional(): KafkaError {
  return new KafkaError("INVALID_TXN_STATE", "transactions need a transactional.id", false);
}

export function outsideTransaction(): KafkaError {
  return new KafkaError("INVALID_TXN_STATE", "there is no open transaction", false);
}

export function producerClosed(): KafkaError {
  return new KafkaError(
    "PRODUCER_CLOSED",
    "the producer was closed before the acknowledgement came; whether it was written is unknown",
    false,
  );
}

/** The outcome of one record that was never sent. */
export function refusedOutcome(
  topic: string,
  topicPartition: number,
  intendedUs: number,
  nowUs: number,
  payloadBytes: number,
  error: KafkaError,
): SendOutcome {
  return {
    topic,
    topicPartition,
    count: 1,
    intendedUs: Float64Array.of(intendedUs),
    appendedUs: Float64Array.of(nowUs),
    sentUs: nowUs,
    completedUs: nowUs,
    payloadBytes,
    error,
  };
}
