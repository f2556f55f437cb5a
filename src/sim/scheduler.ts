// Simulated time. Events happen one after another in the order of their times; behind each one,
// everything that follows from it without waiting runs to its end before the next begins. So there
// is one order of things, and it depends on nothing but the events themselves.

import { drainMicrotasks } from "bun:jsc";

export interface Scheduler {
  /** Milliseconds since the simulation began, with a fraction. */
  nowMs(): number;
  /** Calls `work` later; the answer takes it back. */
  after(delayMs: number, work: () => void): () => void;
  /** Lets time pass up to `untilMs`. */
  runUntil(untilMs: number): void;
  readonly eventCount: number;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  work: (() => void) | undefined;
}

export function createScheduler(): Scheduler {
  const heap: Entry[] = [];
  let nowMs = 0;
  let orders = 0;
  let eventCount = 0;
  return {
    nowMs: () => nowMs,
    after(delayMs, work) {
      const entry: Entry = { atMs: nowMs + Math.max(0, delayMs), order: orders++, work };
      push(heap, entry);
      return () => {
        entry.work = undefined;
      };
    },
    runUntil(untilMs) {
      drainMicrotasks();
      while (heap.length > 0 && heap[0]!.atMs <= untilMs) {
        const { atMs, work } = pop(heap);
        if (work === undefined) continue;
        nowMs = atMs;
        eventCount += 1;
        work();
        drainMicrotasks();
      }
      nowMs = untilMs;
    },
    get eventCount() {
      return eventCount;
    },
  };
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(entry, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
