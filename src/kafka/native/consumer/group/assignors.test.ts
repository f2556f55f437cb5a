// How topicPartitions are shared out: Java's results for the range and round robin assignors, and
// what must hold of the cooperative one whatever the group looks like.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { TopicPartition } from "../../../client.ts";
import { assignors, type GroupMember, isCooperative, type Shares } from "./assignors.ts";
import { nameOf } from "./member.ts";

const member = (memberId: string, topics: string[], more: Partial<GroupMember> = {}) => ({
  memberId,
  instanceId: undefined,
  topics,
  owned: [],
  generation: -1,
  ...more,
});

const textOf = (shares: Shares) =>
  Object.fromEntries(
    [...shares].map(([id, share]) => [
      id,
      share.map(({ topic, topicPartition }) => `${topic}${topicPartition}`).join(" "),
    ]),
  );

const counts = new Map([
  ["a", 3],
  ["b", 3],
]);

describe("the range assignor", () => {
  test("gives each member a run of each topic, the first ones one more", () => {
    const members = [member("y", ["a", "b"]), member("x", ["a", "b"])];
    expect(textOf(assignors.range(members, counts))).toEqual({ y: "a2 b2", x: "a0 a1 b0 b1" });
  });

  test("puts static members first, by their instance ids", () => {
    const members = [
      member("x", ["a"]),
      member("y", ["a"], { instanceId: "2" }),
      member("z", ["a"], { instanceId: "1" }),
    ];
    const one = new Map([["a", 2]]);
    expect(textOf(assignors.range(members, one))).toEqual({ x: "", y: "a1", z: "a0" });
  });

  test("leaves topics out that do not exist", () => {
    expect(textOf(assignors.range([member("x", ["a", "no"])], counts))).toEqual({ x: "a0 a1 a2" });
  });
});

describe("the round robin assignor", () => {
  test("goes round over all topics, and over members that want the topic", () => {
    const members = [member("x", ["a", "b"]), member("y", ["b"])];
    expect(textOf(assignors.roundrobin(members, counts))).toEqual({
      x: "a0 a1 a2 b1",
      y: "b0 b2",
    });
  });
});

const topics = ["a", "b", "c"];
const groups = fc.record({
  counts: fc.tuple(fc.nat(7), fc.nat(7), fc.nat(7)),
  subscriptions: fc.array(fc.subarray(topics), { minLength: 1, maxLength: 5 }),
});

function allOf(members: readonly GroupMember[], of: ReadonlyMap<string, number>): string[] {
  const wanted = new Set(members.flatMap((each) => each.topics));
  return [...of]
    .filter(([topic]) => wanted.has(topic))
    .flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, topicPartition) => nameOf({ topic, topicPartition })),
    )
    .sort();
}

const namesIn = (shares: Shares) => [...shares.values()].flat().map(nameOf).sort();

describe("every assignor", () => {
  test("gives each topicPartition once, to a member that wants it", () => {
    const property = fc.property(groups, (group) => {
      const of = new Map(topics.map((topic, index) => [topic, group.counts[index]!]));
      const members = group.subscriptions.map((wanted, index) => member(`m${index}`, wanted));
      for (const assign of Object.values(assignors)) {
        const shares = assign(members, of);
        expect([...shares.keys()].sort()).toEqual(members.map(({ memberId }) => memberId).sort());
        expect(namesIn(shares)).toEqual(allOf(members, of));
        for (const { memberId, topics: wanted } of members) {
          for (const { topic } of shares.get(memberId)!) expect(wanted).toContain(topic);
        }
      }
    });
    fc.assert(property, { numRuns: 200 });
  });
});

describe("the sticky assignor", () => {
  test("shares evenly at once, and each member keeps as much as it has room for", () => {
    const property = fc.property(
      fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      (sizes, before, after) => {
        const of = new Map(topics.map((topic, index) => [topic, sizes[index]!]));
        const groupOf = (count: number, owned: Shares, generation: number) =>
          Array.from({ length: count }, (_, at) =>
            member(`m${at}`, topics, { owned: owned.get(`m${at}`) ?? [], generation }),
          );
        const old = assignors.sticky(groupOf(before, new Map(), -1), of);
        const now = assignors.sticky(groupOf(after, old, 1), of);
        const all = [...of.values()].reduce((sum, count) => sum + count, 0);
        expect(namesIn(now)).toHaveLength(all);
        const lengths = [...now.values()].map((share) => share.length);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
        for (const [id, share] of now) {
          const had = new Set((old.get(id) ?? []).map(nameOf));
          const kept = share.filter((each) => had.has(nameOf(each))).length;
          expect(kept).toBeGreaterThanOrEqual(Math.min(had.size, Math.floor(all / after)));
        }
      },
    );
    fc.assert(property, { numRuns: 200 });
  });
});

describe("the cooperative sticky assignor", () => {
  const assign = assignors["cooperative-sticky"];

  /** Runs rounds until nothing moves, as a group does; answers the shares of each round. */
  function settle(
    ids: readonly string[],
    owned: Map<string, TopicPartition[]>,
    of: Map<string, number>,
  ) {
    const rounds: Shares[] = [];
    for (let generation = 1; generation < 6; generation++) {
      const members = ids.map((id) =>
        member(id, topics, { owned: owned.get(id) ?? [], generation }),
      );
      const shares = assign(members, of);
      // Nobody is given what another one still has.
      for (const [id, share] of shares) {
        for (const other of ids) {
          const others = new Set((owned.get(other) ?? []).map(nameOf));
          if (other !== id) expect(share.some((each) => others.has(nameOf(each)))).toBe(false);
        }
      }
      rounds.push(shares);
      owned = new Map(shares);
      if (namesIn(shares).length === [...of.values()].reduce((sum, count) => sum + count, 0)) break;
    }
    return rounds;
  }

  test("settles in two rounds on even shares, and moves no more than it must", () => {
    const property = fc.property(
      fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      (sizes, before, after) => {
        const of = new Map(topics.map((topic, index) => [topic, sizes[index]!]));
        const idsOf = (count: number) => Array.from({ length: count }, (_, at) => `m${at}`);
        const old = settle(idsOf(before), new Map(), of).at(-1)!;
        const kept = new Map([...old].filter(([id]) => idsOf(after).includes(id)));
        const rounds = settle(idsOf(after), kept, of);
        expect(rounds.length).toBeLessThanOrEqual(2);
        const sizesNow = [...rounds.at(-1)!.values()].map((share) => share.length);
        expect(Math.max(...sizesNow) - Math.min(...sizesNow)).toBeLessThanOrEqual(1);
        const least = Math.floor([...of.values()].reduce((sum, count) => sum + count, 0) / after);
        for (const [id, share] of kept) {
          const now = new Set(rounds.at(-1)!.get(id)!.map(nameOf));
          const stayed = share.filter((each) => now.has(nameOf(each))).length;
          expect(stayed).toBeGreaterThanOrEqual(Math.min(share.length, least));
        }
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  test("believes the newest generation, and nobody where two claim the same", () => {
    const claimed = [{ topic: "a", topicPartition: 0 }];
    const of = new Map([["a", 1]]);
    const old = member("x", ["a"], { owned: claimed, generation: 1 });
    const young = member("y", ["a"], { owned: claimed, generation: 2 });
    expect(textOf(assign([old, young], of))).toEqual({ x: "", y: "a0" });
    const same = member("y", ["a"], { owned: claimed, generation: 1 });
    expect(namesIn(assign([old, same], of))).toHaveLength(1);
  });

  test("is cooperative only without eager ones beside it", () => {
    expect(isCooperative(["cooperative-sticky"])).toBe(true);
    expect(isCooperative(["range", "cooperative-sticky"])).toBe(false);
  });
});
