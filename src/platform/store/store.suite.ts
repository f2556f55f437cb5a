// What every store promises, as tests that run over each implementation.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { RowChange, Store, StoredRow } from "./store.ts";

export interface StoreUnderTest {
  open(): Promise<Store>;
  /** Whether a store that is opened again has what was committed. */
  readonly keeps: boolean;
  /** Ends the place where it is kept. */
  end(): void;
}

export function storeSuite(name: string, place: () => StoreUnderTest): void {
  describe(`the ${name} store`, () => {
    let under: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      under = place();
      store = await under.open();
    });
    afterEach(async () => {
      await store.close();
      under.end();
    });

    const row = (table: string, key: string, value: string | undefined): RowChange => {
      return { table, key, value };
    };
    const rows = async () => sorted(await store.load());

    test("is empty at first", async () => {
      expect(await store.load()).toEqual([]);
    });

    test("gives back what was committed", async () => {
      await store.commit([row("task", "a", "1"), row("task", "b", "2"), row("worker", "a", "3")]);
      expect(await rows()).toEqual([
        { table: "task", key: "a", value: "1" },
        { table: "task", key: "b", value: "2" },
        { table: "worker", key: "a", value: "3" },
      ]);
    });

    test("replaces and deletes rows, and deletes what is not there without a word", async () => {
      await store.commit([row("task", "a", "1"), row("task", "b", "2")]);
      await store.commit([row("task", "a", "9"), row("task", "b", undefined)]);
      await store.commit([row("task", "zz", undefined)]);
      expect(await rows()).toEqual([{ table: "task", key: "a", value: "9" }]);
    });

    test("takes the last of several changes of one row", async () => {
      await store.commit([
        row("t", "a", "1"),
        row("t", "a", "2"),
        row("t", "b", "1"),
        row("t", "b", undefined),
        row("t", "c", undefined),
        row("t", "c", "3"),
      ]);
      expect(await rows()).toEqual([
        { table: "t", key: "a", value: "2" },
        { table: "t", key: "c", value: "3" },
      ]);
    });

    test("keeps odd keys and values as they are", async () => {
      const odd = ["", " ", "ä\u0000'\"%_\\", "😀", "x".repeat(100_000), "1", "01", "NULL"];
      odd.push("\ud800", "\ud801", "\ufffd", "\uffff", "\uffffd800", "a\udc00b", "\udc00\ud800");
      await store.commit(odd.map((text) => row("t", text, text)));
      await store.commit([row("T", "1", "other table")]);
      expect(new Set((await store.load()).map(({ value }) => value))).toEqual(
        new Set([...odd, "other table"]),
      );
    });

    test("takes thousands of changes in one commit", async () => {
      const many = Array.from({ length: 5000 }, (_, index) => row("t", `${index}`, "v"));
      await store.commit(many);
      await store.commit(many.slice(1).map(({ table, key }) => row(table, key, undefined)));
      expect(await rows()).toEqual([{ table: "t", key: "0", value: "v" }]);
    });

    test("commits in the order of the calls", async () => {
      const values = Array.from({ length: 50 }, (_, index) => `${index}`);
      await Promise.all(values.map((value) => store.commit([row("t", "a", value)])));
      expect(await rows()).toEqual([{ table: "t", key: "a", value: "49" }]);
    });

    test("takes a commit of nothing", async () => {
      await store.commit([]);
      expect(await store.load()).toEqual([]);
    });

    test("refuses commits once it is closed, and can be closed twice", async () => {
      await store.close();
      await store.close();
      expect(store.commit([row("t", "a", "1")])).rejects.toThrow("closed");
    });

    test("has after a restart what it had before, or nothing", async () => {
      await store.commit([row("t", "a", "1"), row("t", "b", "2")]);
      await store.commit([row("t", "a", undefined)]);
      await store.close();
      store = await under.open();
      expect(await rows()).toEqual(under.keeps ? [{ table: "t", key: "b", value: "2" }] : []);
    });

    test("holds what a map would hold after any commits", async () => {
      const anyUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));
      const change = fc.record({
        table: fc.constantFrom("t", "u", "1:t"),
        key: fc.constantFrom("a", "b", "1:t", "é", "\ud800"),
        value: fc.option(fc.string({ unit: anyUnit, maxLength: 5 }), { nil: undefined }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(change, { maxLength: 5 })), async (commits) => {
          const old = await store.load();
          await store.commit(old.map(({ table, key }) => row(table, key, undefined)));
          const model = new Map<string, StoredRow>();
          for (const changes of commits) {
            await store.commit(changes);
            for (const { table, key, value } of changes) {
              const name = JSON.stringify([table, key]);
              if (value === undefined) model.delete(name);
              else model.set(name, { table, key, value });
            }
          }
          expect(await rows()).toEqual(sorted([...model.values()]));
        }),
        { numRuns: 30 },
      );
    });
  });
}

function sorted(rows: readonly StoredRow[]): StoredRow[] {
  const name = (row: StoredRow) => JSON.stringify([row.table, row.key]);
  return rows.map((row) => ({ ...row })).sort((a, b) => (name(a) < name(b) ? -1 : 1));
}
