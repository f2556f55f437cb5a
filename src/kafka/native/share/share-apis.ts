// The requests of share groups (KIP-932), version 1 each, which the protocol library does not have.
// Errors stay in the answers.
//
//   ShareGroupHeartbeat: group | member | epoch 4 | rack | [topic name]
//   ShareFetch: group | member | session epoch 4 | max wait 4 | min bytes 4 | max bytes 4
//     | max records 4 | batch size 4 | [topic id, [partition 4, [first 8, last 8, [type 1]]]]
//     | forgotten [topic id, [partition 4]]
//   ShareAcknowledge: group | member | session epoch 4 | topics as above

import { createAPI } from "@kafka-wire/apis/definitions.js";
import type { Reader } from "@kafka-wire/protocol/reader.js";
import { Writer } from "@kafka-wire/protocol/writer.js";

export interface AckBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** One for all, or one for each offset. */
  readonly types: readonly number[];
}

export interface SharePart {
  readonly topicPartition: number;
  readonly acks: readonly AckBatch[];
}

export interface ShareTopic {
  readonly topicId: string;
  readonly parts: readonly SharePart[];
}

export interface ForgottenTopic {
  readonly topicId: string;
  readonly topicPartitions: readonly number[];
}

export interface AcquiredRange {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryCount: number;
}

export interface ShareFetchedPart {
  readonly topicId: string;
  readonly topicPartition: number;
  readonly errorCode: number;
  readonly ackErrorCode: number;
  readonly records: Uint8Array;
  readonly acquired: readonly AcquiredRange[];
}

interface HeartbeatAnswer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** Undefined: as before. */
  readonly assignment:
    | readonly { readonly topicId: string; readonly partitions: number[] }[]
    | undefined;
}

type HeartbeatRequest = [
  groupId: string,
  memberId: string,
  epoch: number,
  rack: string | null,
  topics: readonly string[] | null,
];

export const shareHeartbeat = createAPI<HeartbeatRequest, HeartbeatAnswer>(
  76,
  1,
  (groupId: string, memberId: string, epoch: number, rack: string | null, topics) =>
    Writer.create()
      .appendString(groupId)
      .appendString(memberId)
      .appendInt32(epoch)
      .appendString(rack)
      .appendArray(
        topics,
        (writer: Writer, topic: string) => writer.appendString(topic),
        true,
        false,
      )
      .appendTaggedFields(),
  (_id, _key, _version, reader) => {
    reader.readInt32();
    const errorCode = reader.readInt16();
    const errorMessage = reader.readNullableString();
    reader.readNullableString();
    const memberEpoch = reader.readInt32();
    const heartbeatIntervalMs = reader.readInt32();
    const assignment = reader.readNullableStruct(() =>
      reader.readArray((each) => ({
        topicId: each.readUUID(),
        partitions: each.readArray((one) => one.readInt32(), true, false),
      })),
    );
    return {
      errorCode,
      errorMessage,
      memberEpoch,
      heartbeatIntervalMs,
      assignment: assignment ?? undefined,
    };
  },
);

export interface ShareFetchAsk {
  readonly groupId: string;
  readonly memberId: string;
  readonly sessionEpoch: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly topics: readonly ShareTopic[];
  readonly forgotten: readonly ForgottenTopic[];
}

export interface ShareFetchAnswer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly parts: readonly ShareFetchedPart[];
}

export const shareFetch = createAPI<[ask: ShareFetchAsk], ShareFetchAnswer>(
  78,
  1,
  (ask: ShareFetchAsk) => {
    const writer = Writer.create().appendString(ask.groupId).appendString(ask.memberId);
    writer.appendInt32(ask.sessionEpoch).appendInt32(ask.maxWaitMs).appendInt32(ask.minBytes);
    writer.appendInt32(ask.maxBytes).appendInt32(ask.maxRecords).appendInt32(ask.maxRecords);
    appendTopics(writer, ask.topics);
    writer.appendArray([...ask.forgotten], (_one, { topicId, topicPartitions }) => {
      writer.appendUUID(topicId);
      writer.appendArray(
        [...topicPartitions],
        (_each, index) => void writer.appendInt32(index),
        true,
        false,
      );
    });
    return writer.appendTaggedFields();
  },
  (_id, _key, _version, reader) => {
    reader.readInt32();
    const errorCode = reader.readInt16();
    const errorMessage = reader.readNullableString();
    reader.readInt32();
    const topics = reader.readArray((each) => {
      const topicId = each.readUUID();
      return each.readArray((one) => readPart(one, topicId));
    });
    return { errorCode, errorMessage, parts: topics.flat() };
  },
);

function readPart(reader: Reader, topicId: string): ShareFetchedPart {
  const topicPartition = reader.readInt32();
  const errorCode = reader.readInt16();
  reader.readNullableString();
  const ackErrorCode = reader.readInt16();
  reader.readNullableString();
  reader.readInt32();
  reader.readInt32();
  reader.readTaggedFields();
  const records = reader.readNullableBytes() ?? new Uint8Array(0);
  const acquired = reader.readArray((each) => ({
    firstOffset: Number(each.readInt64()),
    lastOffset: Number(each.readInt64()),
    deliveryCount: each.readInt16(),
  }));
  return { topicId, topicPartition, errorCode, ackErrorCode, records, acquired };
}

export interface ShareAcknowledgeAsk {
  readonly groupId: string;
  readonly memberId: string;
  readonly sessionEpoch: number;
  readonly topics: readonly ShareTopic[];
}

export interface ShareAcknowledgeAnswer {
  readonly errorCode: number;
  readonly partErrorCodes: readonly number[];
}

export const shareAcknowledge = createAPI<[ask: ShareAcknowledgeAsk], ShareAcknowledgeAnswer>(
  79,
  1,
  (ask: ShareAcknowledgeAsk) => {
    const writer = Writer.create().appendString(ask.groupId).appendString(ask.memberId);
    writer.appendInt32(ask.sessionEpoch);
    appendTopics(writer, ask.topics);
    return writer.appendTaggedFields();
  },
  (_id, _key, _version, reader) => {
    reader.readInt32();
    const errorCode = reader.readInt16();
    reader.readNullableString();
    const topics = reader.readArray((each) => {
      each.readUUID();
      return each.readArray((one) => {
        one.readInt32();
        const partErrorCode = one.readInt16();
        one.readNullableString();
        one.readInt32();
        one.readInt32();
        one.readTaggedFields();
        return partErrorCode;
      });
    });
    return { errorCode, partErrorCodes: topics.flat() };
  },
);

function appendTopics(writer: Writer, topics: readonly ShareTopic[]): void {
  writer.appendArray([...topics], (_one, { topicId, parts }) => {
    writer.appendUUID(topicId);
    writer.appendArray([...parts], (_each, { topicPartition, acks }) => {
      writer.appendInt32(topicPartition);
      writer.appendArray([...acks], (_ack, { firstOffset, lastOffset, types }) => {
        writer.appendInt64(BigInt(firstOffset)).appendInt64(BigInt(lastOffset));
        writer.appendArray([...types], (_type, type) => void writer.appendInt8(type), true, false);
      });
    });
  });
}
