// How many commits the store took and how long they took, for /metrics and `client status`.

/** Upper bounds of the buckets; one more bucket holds what took longer. */
export const commitBucketsMs = [0.5, 1, 2, 5, 10, 20, 50, 100, 500] as const;

export interface CommitSnapshot {
  readonly commits: number;
  readonly rows: number;
  readonly totalMs: number;
  readonly maxMs: number;
  /** How many took at most `commitBucketsMs[i]`, without the earlier ones; the last one: longer. */
  readonly bucketCounts: readonly number[];
}

export interface CommitFigures {
  add(rows: number, tookMs: number): void;
  snapshot(): CommitSnapshot;
}

export function createCommitFigures(): CommitFigures {
  const bucketCounts = new Array<number>(commitBucketsMs.length + 1).fill(0);
  let commits = 0;
  let rowCount = 0;
  let totalMs = 0;
  let maxMs = 0;
  return {
    add(rows, tookMs) {
      commits += 1;
      rowCount += rows;
      totalMs += tookMs;
      maxMs = Math.max(maxMs, tookMs);
      const found = commitBucketsMs.findIndex((bound) => tookMs <= bound);
      const bucket = found < 0 ? commitBucketsMs.length : found;
      bucketCounts[bucket] = bucketCounts[bucket]! + 1;
    },
    snapshot: () => ({ commits, rows: rowCount, totalMs, maxMs, bucketCounts: [...bucketCounts] }),
  };
}
