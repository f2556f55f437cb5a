// What all consumers say of calls that do not fit their state, and of records that whoever takes
// them could not process: one text whatever the client library, in the Java client's words where
// it has some.

import { errorText } from "../core/trogdor-error.ts";
import { KafkaError } from "./client.ts";

/** A failure of the callback that takes the records ends the consumer. */
export function sinkError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error;
  const message = `the records could not be processed: ${errorText(error)}`;
  return new KafkaError("RECORD_PROCESSING_FAILED", message, false, error);
}

export function noGroup(): KafkaError {
  return new KafkaError(
    "INVALID_GROUP_ID",
    "To use the group management or offset commit APIs, you must provide a valid group.id in" +
      " the consumer configuration.",
    false,
  );
}
