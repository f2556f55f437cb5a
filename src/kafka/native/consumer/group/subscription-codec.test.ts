// What members tell each other, as it is written and read.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { KafkaError } from "../../../client.ts";
import {
  decodeAssignment,
  decodeStickySubscription,
  decodeSubscription,
  encodeAssignment,
  encodeStickySubscription,
  encodeSubscription,
} from "./subscription-codec.ts";

const owned = fc.uniqueArray(
  fc.record({ topic: fc.constantFrom("a", "bü", "c"), topicPartition: fc.nat(1000) }),
  { selector: ({ topic, topicPartition }) => `${topic} ${topicPartition}` },
);
const sorted = <Element>(list: readonly Element[]) =>
  [...list].map((each) => JSON.stringify(each)).sort();

describe("subscriptions and assignments", () => {
  test("are read as they were written", () => {
    const property = fc.property(
      fc.array(fc.string({ maxLength: 9, unit: "grapheme" })),
      owned,
      fc.integer({ min: -1, max: 2 ** 31 - 1 }),
      (topics, partitions, generation) => {
        const read = decodeSubscription(
          encodeSubscription({ topics, owned: partitions, generation }),
        );
        expect([read.topics, read.generation]).toEqual([topics, generation]);
        expect(sorted(read.owned)).toEqual(sorted(partitions));
        expect(sorted(decodeAssignment(encodeAssignment(partitions)))).toEqual(sorted(partitions));
      },
    );
    fc.assert(property, { numRuns: 100 });
  });

  test("of the eager sticky assignor tell what a member had, outside of what it owns", () => {
    const generations = fc.integer({ min: -1, max: 2 ** 31 - 1 });
    const property = fc.property(owned, generations, (partitions, generation) => {
      const bytes = encodeStickySubscription({ topics: ["t"], owned: partitions, generation });
      const read = decodeStickySubscription(bytes);
      expect([read.topics, read.generation]).toEqual([["t"], generation]);
      expect(sorted(read.owned)).toEqual(sorted(partitions));
      expect(decodeSubscription(bytes).owned).toEqual([]);
    });
    fc.assert(property, { numRuns: 100 });
  });

  test("of Java's StickyAssignor are read in both of its forms, and before its first share", () => {
    // Version 1: topic t | user data | nothing owned. Had partitions 1 and 2 of t.
    const had = "00000001000174000000020000000100000002";
    const subscription = (userData: string) =>
      Buffer.from(`000100000001000174${userData}00000000`, "hex");
    const wanted = [1, 2].map((topicPartition) => ({ topic: "t", topicPartition }));
    expect(decodeStickySubscription(subscription(`00000017${had}00000007`))).toEqual({
      topics: ["t"],
      owned: wanted,
      generation: 7,
    });
    expect(decodeStickySubscription(subscription(`00000013${had}`))).toMatchObject({
      owned: wanted,
      generation: -1,
    });
    expect(decodeStickySubscription(subscription("ffffffff"))).toMatchObject({ owned: [] });
  });

  test("of another sticky assignor's own user data say nothing of what was had", () => {
    const bytes = Buffer.from("0001000000010001740000000600000009abcd00000000", "hex");
    const nothing = { topics: ["t"], owned: [], generation: -1 };
    expect(decodeStickySubscription(bytes)).toEqual(nothing);
  });

  test("reads what older clients write", () => {
    // Version 0: topics and no user data.
    const bytes = Buffer.from("0000000000010001610000ffff".replace("0000ffff", "ffffffff"), "hex");
    expect(decodeSubscription(bytes)).toEqual({ topics: ["a"], owned: [], generation: -1 });
    expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
  });

  test("of any bytes are read or refused, within their bounds", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      for (const decode of [decodeSubscription, decodeStickySubscription, decodeAssignment]) {
        try {
          decode(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(KafkaError);
        }
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
