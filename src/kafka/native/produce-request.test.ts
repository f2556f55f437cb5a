// Our Produce requests against those of the protocol library, byte for byte.

import { describe, expect, test } from "bun:test";
import { createRequest } from "@kafka-wire/apis/producer/produce-v11.js";
import { Writer } from "@kafka-wire/protocol/writer.js";
import fc from "fast-check";
import { crc32c } from "./crc32c.ts";
import {
  type ProduceHeader,
  type ProduceTopic,
  produceRequestSize,
  writeProduceRequest,
} from "./produce-request.ts";
import { closeBatch } from "./record-batch.ts";
import { createRequestMemory } from "./request-buffers.ts";
import { type BytesRecord, bytesRecords, openBatchOf } from "./test-batches.suite.ts";

type Load = ReadonlyMap<string, ReadonlyMap<number, readonly BytesRecord[]>>;

const producer = { producerId: 12n, producerEpoch: 3 };
const correlationId = 0x12345678;
const encoder = new TextEncoder();

// The library sorts what looks like a number to the front.
const topicName = fc.string({ maxLength: 20 }).map((name) => `t${name}`);
const loads: fc.Arbitrary<Load> = fc
  .uniqueArray(topicName, { minLength: 1, maxLength: 3 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc
          .uniqueArray(fc.tuple(fc.nat(), bytesRecords), {
            minLength: 1,
            maxLength: 3,
            selector: ([index]) => index,
          })
          .map((partitions) => [name, new Map(partitions.sort(([a], [b]) => a - b))] as const),
      ),
    ),
  )
  .map((entries) => new Map(entries));

function reference(load: Load, acks: number, id: string | undefined, clientId: string): Buffer {
  const messages = [...load].flatMap(([topic, partitions]) =>
    [...partitions].flatMap(([partition, records]) =>
      records.map(({ key, value, timestampMs }) => ({
        topic,
        partition,
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        timestamp: BigInt(timestampMs),
      })),
    ),
  );
  const body = createRequest(
    acks,
    1500,
    messages as unknown as Parameters<typeof createRequest>[2],
    {
      ...producer,
      ...(id === undefined ? {} : { transactionalId: id }),
      partitionLeaderEpoch: -1,
    },
  );
  const writer = Writer.create()
    .appendInt16(0)
    .appendInt16(11)
    .appendInt32(correlationId)
    .appendString(clientId, false)
    .appendTaggedFields();
  return writer.appendFrom(body).prependLength().buffer;
}

function ours(load: Load, acks: number, id: string | undefined, clientId: string): Uint8Array {
  const transactional = id !== undefined;
  const topics: ProduceTopic[] = [...load].map(([name, partitions]) => ({
    nameBytes: encoder.encode(name),
    batches: [...partitions].map(([topicPartition, records]) => {
      const batch = openBatchOf(records);
      closeBatch(batch, { ...producer, transactional }, 0, undefined, crc32c);
      return { topicPartition, batch };
    }),
  }));
  const header: ProduceHeader = {
    version: 11,
    clientIdBytes: encoder.encode(clientId),
    transactionalIdBytes: id === undefined ? undefined : encoder.encode(id),
    acks,
    timeoutMs: 1500,
  };
  const size = produceRequestSize(header, topics);
  const memory = createRequestMemory(size + 10);
  expect(writeProduceRequest(memory, header, correlationId, topics)).toBe(size);
  return memory.bytes.subarray(0, size);
}

describe("a Produce request", () => {
  test("is what the protocol library writes for the same records", () => {
    const id = fc.option(fc.string({ minLength: 1, maxLength: 200 }), { nil: undefined });
    const acks = fc.constantFrom(-1, 0, 1);
    fc.assert(
      fc.property(loads, acks, id, fc.string(), (load, acks, id, clientId) => {
        const written = Buffer.from(ours(load, acks, id, clientId));
        expect(written.equals(reference(load, acks, id, clientId))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
