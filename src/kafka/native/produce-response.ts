// Reads a Produce response (versions 9 to 11) in place. The text of an error is decoded only when
// there is one. Bytes that are no such response are a FrameError.
//
//   tags | [topic name, [partition 4, error 2, base offset 8, append time 8, log start 8,
//           [record index 4, message, tags], message, tags], tags] | throttle 4 | tags

import { FrameError } from "./frame-reader.ts";

export interface PartitionAnswer {
  readonly topic: string;
  readonly topicPartition: number;
  readonly errorCode: number;
  readonly errorMessage: string | undefined;
}

export interface ProduceAnswer {
  readonly parts: readonly PartitionAnswer[];
  readonly throttleMs: number;
}

const decoder = new TextDecoder();

/** `frame` starts behind the correlation id. */
export function readProduceResponse(frame: Uint8Array): ProduceAnswer {
  try {
    return parse(frame);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FrameError("the answer does not look like Kafka (a malformed Produce response)");
  }
}

function parse(frame: Uint8Array): ProduceAnswer {
  const parts: PartitionAnswer[] = [];
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let at = 0;

  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = view.getUint8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a number of more than 5 bytes");
  };
  const tags = (): void => {
    for (let left = varint(); left > 0; left--) {
      varint();
      const size = varint();
      at += size;
    }
  };
  const text = (isWanted: boolean): string | undefined => {
    const length = varint() - 1;
    if (length <= 0) return undefined;
    at += length;
    return isWanted ? decoder.decode(frame.subarray(at - length, at)) : undefined;
  };

  tags();
  for (let topics = varint() - 1; topics > 0; topics--) {
    const topic = text(true) ?? "";
    for (let partitions = varint() - 1; partitions > 0; partitions--) {
      const topicPartition = view.getInt32(at);
      const errorCode = view.getInt16(at + 4);
      at += 30;
      let recordMessage: string | undefined;
      for (let records = varint() - 1; records > 0; records--) {
        at += 4;
        const ofRecord = text(errorCode !== 0);
        recordMessage ??= ofRecord;
        tags();
      }
      const message = text(errorCode !== 0);
      tags();
      parts.push({ topic, topicPartition, errorCode, errorMessage: message ?? recordMessage });
    }
    tags();
  }
  return { parts, throttleMs: view.getInt32(at) };
}
