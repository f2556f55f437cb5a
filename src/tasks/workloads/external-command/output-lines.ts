// Cuts what a process writes into lines of bounded length at a bounded rate. The process is held up
// by not being read, so that one that floods its output costs its reader neither memory nor time.

import type { Clock } from "../../../platform/clock/clock.ts";

export interface OutputLimits {
  readonly lineSizeMaxBytes: number;
  readonly bytesPerSec: number;
  readonly linesPerSec: number;
}

export const outputLimits: OutputLimits = {
  lineSizeMaxBytes: 1024 * 1024,
  bytesPerSec: 1024 * 1024,
  linesPerSec: 1000,
};

export interface LineSource {
  /** The next bytes; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  readonly clock: Clock;
  readonly limits: OutputLimits;
  /** Once aborted the process has ended: what is left in its pipe is read at full speed. */
  readonly hasEnded: AbortSignal;
  line(text: string): void;
  /** A line was longer than the limit and is dropped. */
  tooLong(): void;
}

const NEWLINE = 0x0a;
/** The budget is renewed this often. */
const WINDOW_MS = 100;
/** More than a pipe holds: who still writes after the process's end is held up again. */
const REST_MAX_BYTES = 2 * 1024 * 1024;

/** Resolves at the end of the output. */
export async function readLines(source: LineSource): Promise<void> {
  const { limits } = source;
  const decoder = new TextDecoder();
  const budget = createBudget(source);
  let parts: Uint8Array[] = [];
  let sizeBytes = 0;
  let isDropping = false;
  const keep = (part: Uint8Array) => {
    sizeBytes += part.length;
    if (sizeBytes > limits.lineSizeMaxBytes) {
      if (!isDropping) source.tooLong();
      isDropping = true;
      parts = [];
    } else if (part.length > 0) parts.push(part.slice());
  };
  const finish = () => {
    if (!isDropping && sizeBytes > 0) source.line(decoder.decode(Buffer.concat(parts)));
    parts = [];
    sizeBytes = 0;
    isDropping = false;
  };
  for (;;) {
    const chunk = await source.read();
    if (chunk === undefined) break;
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      keep(chunk.subarray(start, end));
      finish();
      start = end + 1;
      if (!budget.takeLine()) await budget.wait();
    }
    keep(chunk.subarray(start));
    if (!budget.takeBytes(chunk.length)) await budget.wait();
  }
  finish();
}

interface Budget {
  /** False when there is none left in this window. */
  takeLine(): boolean;
  takeBytes(sizeBytes: number): boolean;
  wait(): Promise<void>;
}

function createBudget({ clock, limits, hasEnded }: LineSource): Budget {
  let lines = 0;
  let sizeBytes = 0;
  let restBytes = 0;
  let windowStartUs = clock.nowUs();
  const linesMax = (limits.linesPerSec * WINDOW_MS) / 1000;
  const bytesMax = (limits.bytesPerSec * WINDOW_MS) / 1000;
  const renew = () => {
    const elapsed = (clock.nowUs() - windowStartUs) / (WINDOW_MS * 1000);
    if (elapsed < 1) return;
    // What was read in one piece beyond the budget is paid back from the windows after it.
    lines = Math.max(0, lines - linesMax * Math.floor(elapsed));
    sizeBytes = Math.max(0, sizeBytes - bytesMax * Math.floor(elapsed));
    windowStartUs = clock.nowUs();
  };
  const isFree = () => hasEnded.aborted && restBytes < REST_MAX_BYTES;
  const isWithin = () => isFree() || (lines < linesMax && sizeBytes < bytesMax);
  return {
    takeLine() {
      lines += 1;
      return isWithin();
    },
    takeBytes(count) {
      sizeBytes += count;
      if (hasEnded.aborted) restBytes += count;
      return isWithin();
    },
    async wait() {
      for (renew(); !isWithin(); renew()) {
        await clock.sleep(WINDOW_MS, hasEnded.aborted ? undefined : hasEnded);
      }
    },
  };
}
