// What members tell each other, as it is written and read.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { KafkaError } from "../../../client.ts";
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
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

  test("reads what older clients write", () => {
    // Version 0: topics and no user data.
    const bytes = Buffer.from("0000000000010001610000ffff".replace("0000ffff", "ffffffff"), "hex");
    expect(decodeSubscription(bytes)).toEqual({ topics: ["a"], owned: [], generation: -1 });
    expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
  });

  test("of any bytes are read or refused, within their bounds", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      for (const decode of [decodeSubscription, decodeAssignment]) {
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
