// Reads a Fetch answer for tests as the fetcher does, cut into pieces, and tells what a sink was
// given and what went wrong.

import { realClock } from "../../../platform/clock/real-clock.ts";
import { silentLog } from "../../../platform/log/log.ts";
import type { KafkaError, RecordCursor } from "../../client.ts";
import { crc32c } from "../crc32c.ts";
import { createAbortFilter } from "./abort-filter.ts";
import { createCodecs } from "./codecs.ts";
import { createDelivery } from "./delivery.ts";
import { createFetchStream } from "./fetch-stream.ts";
import { createParcelWalk } from "./record-cursor.ts";

export interface ReadRecord {
  readonly topicPartition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly string[];
}

export interface ReadAnswer {
  readonly records: readonly ReadRecord[];
  readonly errors: readonly KafkaError[];
  readonly isComplete: boolean;
  /** By topicPartition: the offset of the next record. */
  readonly positions: ReadonlyMap<number, number>;
}

export interface ReadingOptions {
  /** Sizes of the pieces, again and again. */
  readonly cuts?: readonly number[];
  readonly position?: number;
  readonly checkCrcs?: boolean;
  readonly recordsMax?: number;
  /** A sink that is never done at once. */
  readonly isSlow?: boolean;
}

function recordAt(cursor: RecordCursor): ReadRecord {
  const { bytes } = cursor;
  const field = (offset: number, size: number) =>
    size < 0 ? null : Uint8Array.from(bytes.subarray(offset, offset + size));
  return {
    topicPartition: cursor.topicPartition,
    offset: cursor.offset,
    timestampMs: cursor.timestampMs,
    key: field(cursor.keyOffset, cursor.keySize),
    value: field(cursor.valueOffset, cursor.valueSize),
    headers: cursor.headers().map(({ key, value }) => `${key}=${value ?? "null"}`),
  };
}

/** What it throws, the connection would be closed for. */
export async function readAnswer(
  answer: Uint8Array,
  options: ReadingOptions = {},
): Promise<ReadAnswer> {
  const records: ReadRecord[] = [];
  const errors: KafkaError[] = [];
  const owners = new Map<number, { name: string; topicPartition: number; position: number }>();
  const codecs = createCodecs();
  await codecs.load(2);
  await codecs.load(3);
  const { checkCrcs = true, recordsMax = 500, position = 0 } = options;
  const walk = createParcelWalk({ checkCrcs, codecs, crc32c });
  const delivery = createDelivery({
    walk,
    codecs,
    recordsMax,
    environment: { clock: realClock, log: silentLog },
    onRecords(cursor) {
      if (options.isSlow !== true) {
        while (cursor.next()) records.push(recordAt(cursor));
        return undefined;
      }
      return (async () => {
        while (cursor.next()) {
          await Promise.resolve();
          records.push(recordAt(cursor));
        }
      })();
    },
    isCurrent: () => true,
    onIdle: () => {},
    onFatal: (error) => errors.push(error),
  });
  let owner = { name: "", topicPartition: 0, position: 0 };
  let filter: ReturnType<typeof createAbortFilter> | undefined;
  const stream = createFetchStream({
    onHead: () => {},
    onPart(part) {
      owner = { name: part.topic, topicPartition: part.topicPartition, position };
      owners.set(part.topicPartition, owner);
      filter = createAbortFilter(part.aborted);
      return part.errorCode === 0;
    },
    onBatches(bytes, start, { end, nextOffset, codecs: needed }) {
      const parcel = { owner, generation: 0, bytes, start, end, nextOffset, filter, receivedUs: 0 };
      delivery.offer({ ...parcel, codecs: needed & ~1 });
    },
    onBadRecords: (error) => errors.push(error),
    onPartEnd: () => {},
  });
  stream.begin(answer.length);
  const cuts = options.cuts ?? [answer.length];
  for (let at = 0, piece = 0; at < answer.length; piece++) {
    const end = Math.min(answer.length, at + Math.max(1, cuts[piece % cuts.length]!));
    // A copy that is spoilt afterwards, as the socket's memory may be.
    const bytes = new Uint8Array(answer.subarray(at, end));
    stream.push(bytes, 0, bytes.length);
    bytes.fill(0xee);
    at = end;
  }
  while (!delivery.isIdle && errors.length === 0) await new Promise((done) => setTimeout(done));
  const positions = new Map([...owners].map(([index, each]) => [index, each.position]));
  return { records, errors, isComplete: stream.isComplete, positions };
}
