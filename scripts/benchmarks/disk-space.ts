// Each run writes gigabytes into the broker's log before they are deleted again.

import { statfsSync } from "node:fs";

/** Never fill a disk that others use too. */
const FREE_BYTES_MIN = 10e9;
/** A record of 512 bytes with its key and its share of the batch, and room for index files. */
const BYTES_PER_MESSAGE = 600;

/** What must be free for a run: ten gigabytes, or twice the run's data. */
export function neededBytes(messages: number): number {
  return Math.max(FREE_BYTES_MIN, 2 * messages * BYTES_PER_MESSAGE);
}

/** Throws when the disk of `folder` has less than a run of this many messages needs. */
export function requireDiskSpace(
  folder: string,
  messages: number,
  freeBytes: number = freeBytesOf(folder),
): void {
  const needed = neededBytes(messages);
  if (freeBytes >= needed) return;
  throw new Error(
    `the disk of ${folder} has ${gigabytes(freeBytes)} GB free, and ${gigabytes(needed)} GB are ` +
      "needed: free some, or set TROGDOR_KAFKA_DIR to a folder on a larger disk",
  );
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
