// Things that are due at some time, the earliest first; equal times in the order of their adding. A
// binary heap: adding, moving and taking cost O(log n). Removed entries leave a stale entry behind,
// and when more than half are stale the heap is built anew, so memory follows what is really due.

interface Entry<Key> {
  readonly key: Key;
  readonly dueMs: number;
  readonly order: number;
}

export interface DueQueue<Key> {
  readonly size: number;
  /** Adds the key, or moves it. */
  set(key: Key, dueMs: number): void;
  delete(key: Key): void;
  dueMs(key: Key): number | undefined;
  /** When the first one is due; Infinity when there is none. */
  nextDueMs(): number;
  /** Removes and answers the first one that is due by then. */
  take(nowMs: number): Key | undefined;
}

const staleMin = 64;

export function createDueQueue<Key>(): DueQueue<Key> {
  let heap: Entry<Key>[] = [];
  const live = new Map<Key, Entry<Key>>();
  let orders = 0;

  function dropStale(): void {
    while (heap.length > 0 && live.get(heap[0]!.key) !== heap[0]) pop(heap);
  }

  function compact(): void {
    if (heap.length <= 2 * live.size + staleMin) return;
    heap = [...live.values()].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  return {
    get size() {
      return live.size;
    },
    set(key, dueMs) {
      if (live.get(key)?.dueMs === dueMs) return;
      const entry = { key, dueMs, order: orders++ };
      live.set(key, entry);
      push(heap, entry);
      compact();
    },
    delete(key) {
      live.delete(key);
      compact();
    },
    dueMs: (key) => live.get(key)?.dueMs,
    nextDueMs() {
      dropStale();
      return heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
    },
    take(nowMs) {
      dropStale();
      const first = heap[0];
      if (first === undefined || first.dueMs > nowMs) return undefined;
      pop(heap);
      live.delete(first.key);
      return first.key;
    },
  };
}

function isBefore<Key>(a: Entry<Key>, b: Entry<Key>): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

function push<Key>(heap: Entry<Key>[], entry: Entry<Key>): void {
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

function pop<Key>(heap: Entry<Key>[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
}
