// A RecordCursor over the messages of a kafkajs batch, which are objects already. Key and value are
// views of one buffer, as a rule; where they are not, they are put together.

import type { KafkaMessage } from "kafkajs";
import type { RecordCursor, RecordHeader } from "../client.ts";

export interface MessageCursor extends RecordCursor {
  /** Lets it go on for so many messages. */
  allow(recordsMax: number): void;
  /** The offset behind the last message that was taken; undefined: none was. */
  readonly nextOffset: number | undefined;
  readonly isAtEnd: boolean;
}

const nothing = new Uint8Array(0);

export function createMessageCursor(
  topic: string,
  topicPartition: number,
  messages: readonly KafkaMessage[],
  receivedUs: number,
): MessageCursor {
  let index = -1;
  let allowed = 0;
  /** Kept, because the messages of a batch share their buffer. */
  let whole: Uint8Array = nothing;

  function show(message: KafkaMessage): void {
    const { key, value } = message;
    cursor.offset = Number(message.offset);
    cursor.timestampMs = Number(message.timestamp);
    cursor.keySize = key === null ? -1 : key.length;
    cursor.valueSize = value === null ? -1 : value.length;
    const shared = (value ?? key)?.buffer;
    if (shared === undefined) {
      cursor.bytes = nothing;
      cursor.keyOffset = 0;
      cursor.valueOffset = 0;
    } else if (key === null || value === null || key.buffer === value.buffer) {
      if (whole.buffer !== shared) whole = new Uint8Array(shared);
      cursor.bytes = whole;
      cursor.keyOffset = key?.byteOffset ?? 0;
      cursor.valueOffset = value?.byteOffset ?? 0;
    } else {
      cursor.bytes = Buffer.concat([key, value]);
      cursor.keyOffset = 0;
      cursor.valueOffset = key.length;
    }
  }

  const cursor = {
    topic,
    topicPartition,
    receivedUs,
    offset: 0,
    timestampMs: 0,
    bytes: nothing as Uint8Array,
    keyOffset: 0,
    keySize: -1,
    valueOffset: 0,
    valueSize: -1,
    next() {
      if (allowed === 0 || index + 1 >= messages.length) return false;
      allowed -= 1;
      index += 1;
      show(messages[index]!);
      return true;
    },
    headers: () => headersOf(messages[index]),
    allow(recordsMax: number) {
      allowed = recordsMax;
    },
    get nextOffset() {
      return index < 0 ? undefined : cursor.offset + 1;
    },
    get isAtEnd() {
      return index + 1 >= messages.length;
    },
  };
  return cursor;
}

function headersOf(message: KafkaMessage | undefined): RecordHeader[] {
  return Object.entries(message?.headers ?? {}).flatMap(([key, values]) =>
    [values].flat().map((value) => ({
      key,
      value: value === undefined ? null : Buffer.from(value),
    })),
  );
}
