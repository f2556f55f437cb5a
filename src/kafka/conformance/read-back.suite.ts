// Reads back what a test produced, with kafkajs's consumer and codecs for every compression, so
// that neither the native client nor its codecs vouch for themselves.

import { zstdDecompressSync } from "node:zlib";
import { lz4Decompress, snappyDecompress } from "@platformatic/wasm-utils";
import kafkajs from "kafkajs";
import { uniqueName } from "../../../test/support/kafka.ts";
import { plainKafkajs } from "./plain-kafkajs.suite.ts";

export interface ReadRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string | null;
}

const { CompressionCodecs, CompressionTypes } = kafkajs;

type Decompress = (bytes: Buffer) => Buffer;
const decompressors: [number, Decompress][] = [
  [CompressionTypes.Snappy, (bytes) => Buffer.from(snappyDecompress(bytes))],
  [CompressionTypes.LZ4, (bytes) => Buffer.from(lz4Decompress(bytes))],
  [CompressionTypes.ZSTD, (bytes) => zstdDecompressSync(bytes)],
];

/** kafkajs has one table of codecs: what stays in it, the client over kafkajs would have too. */
export function lendCodecs(): Disposable {
  const own = { ...CompressionCodecs };
  for (const [type, decompress] of decompressors) {
    CompressionCodecs[type as keyof typeof CompressionCodecs] = () => ({
      compress: async () => {
        throw new Error("only for reading");
      },
      decompress: async (bytes: Buffer) => decompress(bytes),
    });
  }
  return {
    [Symbol.dispose]() {
      Object.assign(CompressionCodecs, own);
    },
  };
}

/** The topic's records in the order of their offsets, read until `isEnough` says so. */
export async function readBack(
  bootstrapServers: string,
  topic: string,
  isEnough: (records: readonly ReadRecord[]) => boolean,
  readUncommitted = false,
): Promise<ReadRecord[]> {
  using _codecs = lendCodecs();
  const kafka = await plainKafkajs(bootstrapServers);
  const consumer = kafka.consumer({
    groupId: uniqueName("read-back"),
    maxWaitTimeInMs: 100,
    readUncommitted,
  });
  const records: ReadRecord[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          autoCommit: false,
          eachMessage: async ({ partition, message }) => {
            records.push({
              partition,
              key: message.key?.toString() ?? null,
              value: message.value?.toString() ?? null,
            });
            if (isEnough(records)) resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return records;
}

export function valuesOf(records: readonly ReadRecord[], partition: number): (string | null)[] {
  return records.filter((record) => record.partition === partition).map(({ value }) => value);
}
