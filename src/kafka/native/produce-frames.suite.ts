// The broker's side of Produce for models and false brokers: reads requests, writes answers.

import { Reader } from "@kafka-wire/protocol/reader.js";
import { type RecordsBatch, readRecordsBatch } from "@kafka-wire/protocol/records.js";
import { Writer } from "@kafka-wire/protocol/writer.js";
import { crc32c } from "./crc32c.ts";

export interface ProducePart {
  readonly topic: string;
  readonly topicPartition: number;
  readonly batch: RecordsBatch;
}

export interface PartAnswer {
  readonly topic: string;
  readonly topicPartition: number;
  readonly errorCode: number;
}

/** The batches of a Produce request, which begins with its length. */
export function readProduceFrame(frame: Uint8Array): ProducePart[] {
  const reader = Reader.from(Buffer.from(frame));
  reader.skip(4 + 2 + 2 + 4);
  reader.readNullableString(false);
  reader.readTaggedFields();
  reader.readNullableString();
  reader.skip(2 + 4);
  const topics = reader.readArray(() => {
    const topic = reader.readString();
    return reader.readArray(() => {
      const topicPartition = reader.readInt32();
      const size = reader.readUnsignedVarInt() - 1;
      const wire = frame.subarray(reader.position, reader.position + size);
      return { topic, topicPartition, batch: readChecked(reader, wire) };
    });
  });
  return topics.flat();
}

function readChecked(reader: Reader, wire: Uint8Array): RecordsBatch {
  const batch = readRecordsBatch(reader);
  if (batch.crc !== crc32c(wire.subarray(21))) throw new Error("a batch is corrupt");
  return batch;
}

/** A Produce response behind its correlation id. */
export function writeProduceAnswer(parts: readonly PartAnswer[], throttleMs = 0): Uint8Array {
  const byTopic = [...Map.groupBy(parts, ({ topic }) => topic)];
  const writer = Writer.create().appendTaggedFields();
  writer.appendArray(byTopic, (_topic, [name, ofTopic]) => {
    writer.appendString(name).appendArray(ofTopic, (_part, { topicPartition, errorCode }) => {
      writer.appendInt32(topicPartition).appendInt16(errorCode);
      writer.appendInt64(0n).appendInt64(-1n).appendInt64(0n);
      writer.appendArray([], () => {}).appendString(null);
    });
  });
  writer.appendInt32(throttleMs).appendTaggedFields();
  return new Uint8Array(writer.buffer);
}
