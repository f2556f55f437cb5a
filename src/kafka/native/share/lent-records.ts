// The records that a share group has lent to this member out of one answer: hands them to the sink
// and says afterwards what became of each offset.

import type { KafkaError, ShareCursor } from "../../client.ts";
import { type BatchesLook, lookAtBatches } from "../consumer/batch-header.ts";
import type { Codecs } from "../consumer/codecs.ts";
import type { ParcelWalk } from "../consumer/record-cursor.ts";
import type { AckBatch, AcquiredRange, ShareFetchedPart } from "./share-apis.ts";

/** What a member says of an offset. */
export const gap = 0;
export const accept = 1;
export const release = 2;

export interface LentOutcome {
  readonly acks: readonly AckBatch[];
  readonly accepted: number;
  readonly released: number;
  readonly failure: KafkaError | undefined;
}

export interface LentOptions {
  readonly walk: ParcelWalk;
  readonly codecs: Codecs;
  readonly receivedUs: number;
  readonly recordsMax: number;
  onRecords(records: ShareCursor): void | Promise<void>;
}

/** Rejects with what the sink throws. */
export async function handLentOver(
  topic: string,
  part: ShareFetchedPart,
  options: LentOptions,
): Promise<LentOutcome> {
  const { walk } = options;
  const look: BatchesLook = { end: 0, nextOffset: -1, lastEpoch: -1, codecs: 0 };
  const problem = lookAtBatches(part.records, 0, part.records.length, look);
  for (let codec = 1; 1 << codec <= look.codecs; codec++) {
    const isNeeded = (look.codecs & (1 << codec)) !== 0;
    if (isNeeded && options.codecs.get(codec) === undefined) await options.codecs.load(codec);
  }
  const { topicPartition, acquired } = part;
  const position = acquired[0]?.firstOffset ?? 0;
  walk.open({
    owner: { name: topic, topicPartition, position },
    generation: 0,
    bytes: part.records,
    start: 0,
    end: look.end,
    nextOffset: look.nextOffset,
    codecs: look.codecs,
    filter: undefined,
    receivedUs: options.receivedUs,
  });
  const fates = acquired.map(({ firstOffset, lastOffset }) =>
    new Array<number>(lastOffset - firstOffset + 1).fill(gap),
  );
  const cursor = lentCursor(walk, acquired, fates);
  // A sink that takes all that it is offered is offered more; one that does not has had enough.
  do {
    cursor.offer(options.recordsMax);
    await options.onRecords(cursor.records);
  } while (cursor.hasTakenAll);
  cursor.giveBackRest();
  const all = fates.flat();
  return {
    acks: acquired.map(({ firstOffset, lastOffset }, index) => ({
      firstOffset,
      lastOffset,
      types: shortened(fates[index]!),
    })),
    accepted: all.filter((fate) => fate === accept).length,
    released: all.filter((fate) => fate === release).length,
    failure: walk.failure ?? problem,
  };
}

function lentCursor(
  walk: ParcelWalk,
  acquired: readonly AcquiredRange[],
  fates: readonly number[][],
) {
  let range = 0;
  let left = 0;
  walk.allow(Number.MAX_SAFE_INTEGER);

  /** Goes to the next record that was lent, and notes what is to become of it. */
  function advance(fate: number): boolean {
    while (walk.cursor.next()) {
      const { offset } = walk.cursor;
      while (range < acquired.length && acquired[range]!.lastOffset < offset) range += 1;
      const found = acquired[range];
      if (found === undefined) return false;
      if (offset < found.firstOffset) continue;
      fates[range]![offset - found.firstOffset] = fate;
      return true;
    }
    return false;
  }

  const records: ShareCursor = Object.create(walk.cursor, {
    // Each record has to be looked at: what becomes of it is said one by one.
    tally: { value: undefined },
    deliveryCount: { get: () => acquired[range]?.deliveryCount ?? 0 },
    next: {
      value() {
        if (left === 0) return false;
        left -= 1;
        return advance(accept);
      },
    },
  });
  return {
    records,
    offer(recordsMax: number) {
      left = recordsMax;
    },
    /** And there may be more. */
    get hasTakenAll() {
      return left === 0 && !walk.isAtEnd;
    },
    giveBackRest() {
      while (advance(release));
    },
  };
}

function shortened(fates: readonly number[]): readonly number[] {
  const first = fates[0]!;
  return fates.every((fate) => fate === first) ? [first] : fates;
}
