// How the leader of a classic group shares topicPartitions out: Java's range and round robin
// assignors, a sticky one that keeps what it can, and its cooperative form, which moves the rest in
// two steps.

import type { TopicPartition } from "../../../client.ts";
import type { AssignorName } from "../../../conf/types.ts";
import { nameOf } from "./member.ts";

export interface GroupMember {
  readonly memberId: string;
  readonly instanceId: string | undefined;
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  readonly generation: number;
}

/** By member id; every member has an entry. */
export type Shares = Map<string, TopicPartition[]>;

/** `counts`: the partitions of each topic that exists. */
export type Assignor = (
  members: readonly GroupMember[],
  counts: ReadonlyMap<string, number>,
) => Shares;

export const assignors: Readonly<Record<AssignorName, Assignor>> = {
  range: assignRange,
  roundrobin: assignRoundRobin,
  sticky: (members, counts) => assignSticky(members, counts, ownersOf(members, counts)),
  "cooperative-sticky": assignCooperatively,
};

export function isCooperative(names: readonly AssignorName[]): boolean {
  return names.every((name) => name === "cooperative-sticky");
}

/** Static members first, by their instance ids; then by member id: Java's order. */
function inOrder(members: readonly GroupMember[]): GroupMember[] {
  return [...members].sort((a, b) => {
    if (a.instanceId !== undefined && b.instanceId !== undefined) {
      return a.instanceId < b.instanceId ? -1 : 1;
    }
    if (a.instanceId !== undefined) return -1;
    if (b.instanceId !== undefined) return 1;
    return a.memberId < b.memberId ? -1 : 1;
  });
}

function emptyShares(members: readonly GroupMember[]): Shares {
  return new Map(members.map(({ memberId }) => [memberId, []]));
}

function topicsOf(members: readonly GroupMember[], counts: ReadonlyMap<string, number>): string[] {
  const names = new Set(members.flatMap(({ topics }) => topics));
  return [...names].filter((name) => counts.has(name)).sort();
}

function partitionsOf(topic: string, count: number): TopicPartition[] {
  return Array.from({ length: count }, (_, topicPartition) => ({ topic, topicPartition }));
}

/** Each topic for itself: a run of neighbours for each member, the first ones take one more. */
function assignRange(members: readonly GroupMember[], counts: ReadonlyMap<string, number>): Shares {
  const shares = emptyShares(members);
  for (const topic of topicsOf(members, counts)) {
    const interested = inOrder(members.filter(({ topics }) => topics.includes(topic)));
    const partitions = partitionsOf(topic, counts.get(topic)!);
    const each = Math.floor(partitions.length / interested.length);
    const extra = partitions.length % interested.length;
    let start = 0;
    for (const [index, { memberId }] of interested.entries()) {
      const size = each + (index < extra ? 1 : 0);
      shares.get(memberId)!.push(...partitions.slice(start, start + size));
      start += size;
    }
  }
  return shares;
}

/** All topicPartitions in a row, one after another to the next member that wants its topic. */
function assignRoundRobin(
  members: readonly GroupMember[],
  counts: ReadonlyMap<string, number>,
): Shares {
  const shares = emptyShares(members);
  const circle = inOrder(members);
  let turn = 0;
  for (const topic of topicsOf(members, counts)) {
    for (const partition of partitionsOf(topic, counts.get(topic)!)) {
      while (!circle[turn % circle.length]!.topics.includes(topic)) turn += 1;
      shares.get(circle[turn % circle.length]!.memberId)!.push(partition);
      turn += 1;
    }
  }
  return shares;
}

/** What has to move from one member to another is left out until its owner has given it up. */
function assignCooperatively(
  members: readonly GroupMember[],
  counts: ReadonlyMap<string, number>,
): Shares {
  const owners = ownersOf(members, counts);
  const shares = assignSticky(members, counts, owners);
  for (const [memberId, share] of shares) {
    shares.set(
      memberId,
      share.filter((partition) => {
        const owner = owners.get(nameOf(partition));
        return owner === undefined || owner === memberId;
      }),
    );
  }
  return shares;
}

/** Who owns what by the newest generation; what two claim in the same one nobody owns. */
function ownersOf(
  members: readonly GroupMember[],
  counts: ReadonlyMap<string, number>,
): Map<string, string> {
  const claims = new Map<string, { memberId: string | undefined; generation: number }>();
  for (const { memberId, owned, generation, topics } of members) {
    for (const partition of owned) {
      const isThere = partition.topicPartition < (counts.get(partition.topic) ?? 0);
      if (!isThere || !topics.includes(partition.topic)) continue;
      const name = nameOf(partition);
      const claim = claims.get(name);
      if (claim === undefined || claim.generation < generation) {
        claims.set(name, { memberId, generation });
      } else if (claim.generation === generation)
        claims.set(name, { ...claim, memberId: undefined });
    }
  }
  const owners = new Map<string, string>();
  for (const [name, { memberId }] of claims) if (memberId !== undefined) owners.set(name, memberId);
  return owners;
}

/** Everybody keeps what they own; then those with the fewest get from those with the most. */
function assignSticky(
  members: readonly GroupMember[],
  counts: ReadonlyMap<string, number>,
  owners: ReadonlyMap<string, string>,
): Shares {
  const shares = emptyShares(members);
  const order = inOrder(members);
  const eligible = (topic: string) => order.filter(({ topics }) => topics.includes(topic));
  const sizeOf = ({ memberId }: GroupMember) => shares.get(memberId)!.length;
  const least = (candidates: readonly GroupMember[]) =>
    candidates.reduce((best, each) => (sizeOf(each) < sizeOf(best) ? each : best));
  const free: TopicPartition[] = [];
  for (const topic of topicsOf(members, counts)) {
    for (const partition of partitionsOf(topic, counts.get(topic)!)) {
      const owner = owners.get(nameOf(partition));
      if (owner === undefined) free.push(partition);
      else shares.get(owner)!.push(partition);
    }
  }
  for (const partition of free) {
    shares.get(least(eligible(partition.topic)).memberId)!.push(partition);
  }
  /** Moves one topicPartition from a member to one that has at least two fewer. */
  const moveFrom = (giver: GroupMember): boolean => {
    const share = shares.get(giver.memberId)!;
    for (let index = share.length - 1; index >= 0; index--) {
      const partition = share[index]!;
      const receiver = least(eligible(partition.topic));
      if (share.length - sizeOf(receiver) < 2) continue;
      share.splice(index, 1);
      shares.get(receiver.memberId)!.push(partition);
      return true;
    }
    return false;
  };
  // The fullest give first, so nobody is given to who gives. Each move makes the sizes more equal,
  // so there is an end.
  const fullestFirst = () => [...order].sort((one, other) => sizeOf(other) - sizeOf(one));
  while (fullestFirst().some(moveFrom));
  return shares;
}
