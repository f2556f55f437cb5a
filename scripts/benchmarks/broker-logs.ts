// Watches a load from the outside, alike for every tool: a record has been sent when the broker
// has appended it to its log. The sizes and times of the log files say when that was, and ask
// nothing of the broker. The kernel keeps these times to one timer tick, 4 ms or better.

import { statSync } from "node:fs";
import { join } from "node:path";
import type { BenchTopic } from "./bench-topic.ts";

const POLL_MS = 5;

/** The first log segment of each topicPartition. Runs are too short to begin a second one. */
export function logFilesOf(dataDir: string, topics: readonly BenchTopic[]): string[] {
  return topics.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, index) =>
      join(dataDir, `${name}-${index}`, "00000000000000000000.log"),
    ),
  );
}

export interface AppendWatch {
  /** Epoch time of the first append since the watch began; undefined while there was none. */
  firstAppendMs(): number | undefined;
  stop(): void;
}

/** Polls until the first append, then leaves the machine alone. */
export function watchFirstAppend(files: readonly string[]): AppendWatch {
  const sizesBefore = files.map(sizeOf);
  let firstMs: number | undefined;
  const look = () => {
    // Of those that grew, the file that was written first.
    for (const [index, file] of files.entries()) {
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat === undefined || stat.size <= sizesBefore[index]!) continue;
      firstMs = Math.min(firstMs ?? stat.mtimeMs, stat.mtimeMs);
    }
    if (firstMs !== undefined) clearInterval(timer);
  };
  const timer = setInterval(look, POLL_MS);
  return {
    firstAppendMs() {
      // A short run can be over before the next poll.
      if (firstMs === undefined) look();
      return firstMs;
    },
    stop: () => clearInterval(timer),
  };
}

/** Epoch time of the last append to any of them. */
export function lastAppendMs(files: readonly string[]): number {
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

export function bytesIn(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + sizeOf(file), 0);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
