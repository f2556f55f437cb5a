// The order in which things are due, whatever was added, moved and removed before.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createDueQueue } from "./due-queue.ts";

describe("a due queue", () => {
  test("gives what is due, the earliest first, equal times in the order of their adding", () => {
    const queue = createDueQueue<string>();
    for (const [key, dueMs] of [
      ["c", 5],
      ["a", 3],
      ["b", 3],
      ["d", 9],
    ] as const) {
      queue.set(key, dueMs);
    }
    expect(queue.nextDueMs()).toBe(3);
    const taken = [queue.take(5), queue.take(5), queue.take(5), queue.take(5)];
    expect(taken).toEqual(["a", "b", "c", undefined]);
    expect([queue.size, queue.nextDueMs()]).toEqual([1, 9]);
  });

  test("forgets what was deleted and knows a moved key at its new time only", () => {
    const queue = createDueQueue<string>();
    queue.set("a", 1);
    queue.set("b", 2);
    queue.set("a", 3);
    queue.set("a", 3);
    queue.delete("b");
    expect([queue.dueMs("a"), queue.dueMs("b")]).toEqual([3, undefined]);
    expect([queue.take(2), queue.take(3), queue.nextDueMs()]).toEqual([
      undefined,
      "a",
      Number.POSITIVE_INFINITY,
    ]);
  });

  test("agrees with a sorted list for any sequence of calls", () => {
    const call = fc.record({
      kind: fc.constantFrom("set", "set", "delete", "take"),
      key: fc.nat(30),
      dueMs: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 400 }), (calls) => {
        const queue = createDueQueue<number>();
        const model = new Map<number, { dueMs: number; order: number }>();
        for (const [order, { kind, key, dueMs }] of calls.entries()) {
          if (kind === "set") {
            queue.set(key, dueMs);
            if (model.get(key)?.dueMs !== dueMs) model.set(key, { dueMs, order });
          } else if (kind === "delete") {
            queue.delete(key);
            model.delete(key);
          } else {
            const [first] = [...model].sort(
              ([, a], [, b]) => a.dueMs - b.dueMs || a.order - b.order,
            );
            const expected = first !== undefined && first[1].dueMs <= dueMs ? first[0] : undefined;
            expect(queue.take(dueMs)).toBe(expected);
            if (expected !== undefined) model.delete(expected);
          }
          expect(queue.size).toBe(model.size);
        }
      }),
    );
  });
});
