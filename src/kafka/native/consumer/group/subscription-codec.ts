// What members of a classic group tell each other through the coordinator, as Java's
// ConsumerProtocol writes it: subscriptions (version 3) and assignments (version 3).
//
//   subscription: version 2 | [topic] | user data | owned [topic [partition 4]]  (from 1)
//                 | generation 4 (from 2) | rack (from 3)
//   assignment:   version 2 | [topic [partition 4]] | user data
//
// Java's StickyAssignor is eager: a member has nothing left when it joins, and tells in its user
// data what it had before: [topic [partition 4]] | generation 4 (not in the oldest form).

import { KafkaError, type TopicPartition } from "../../../client.ts";

export interface Subscription {
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  /** Of the assignment that gave what is owned; -1: none, or not told. */
  readonly generation: number;
}

const version = 3;

export function encodeSubscription(subscription: Subscription): Buffer {
  // Java's cooperative sticky assignor looks for the generation here in older subscriptions.
  return encodeWith(subscription, int32(subscription.generation));
}

/** For the eager sticky assignor: `owned` is what the member had before it gave everything up. */
export function encodeStickySubscription({ topics, owned, generation }: Subscription): Buffer {
  const userData: Buffer[] = [];
  writeAssigned(userData, owned);
  userData.push(int32(generation));
  return encodeWith({ topics, owned: [], generation }, Buffer.concat(userData));
}

function encodeWith({ topics, owned, generation }: Subscription, userData: Buffer): Buffer {
  const out: Buffer[] = [int16(version), int32(topics.length)];
  for (const topic of topics) out.push(text(topic));
  out.push(int32(userData.length), userData);
  writeAssigned(out, owned);
  out.push(int32(generation), int16(-1));
  return Buffer.concat(out);
}

/**
 * What a member that shares by the eager sticky assignor had before. User data that cannot be read
 * says nothing, as with Java: other clients may put anything there.
 */
export function decodeStickySubscription(bytes: Buffer): Subscription {
  const { topics, userData } = decodeAll(bytes);
  const nothing = { topics, owned: [], generation: -1 };
  if (userData === undefined || userData.length === 0) return nothing;
  try {
    const read = createReader(userData);
    const owned = readAssigned(read);
    return { topics, owned, generation: read.isAtEnd() ? -1 : read.int32() };
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return nothing;
  }
}

export function decodeSubscription(bytes: Buffer): Subscription {
  const { topics, owned, generation } = decodeAll(bytes);
  return { topics, owned, generation };
}

function decodeAll(bytes: Buffer): Subscription & { readonly userData: Buffer | undefined } {
  const read = createReader(bytes);
  const found = read.int16();
  const topics = read.list(() => read.text());
  const userData = read.bytes();
  const owned = found >= 1 ? readAssigned(read) : [];
  const told = userData?.length === 4 ? userData.readInt32BE() : -1;
  const generation = found >= 2 ? read.int32() : told;
  return { topics, owned, generation, userData };
}

export function encodeAssignment(assigned: readonly TopicPartition[]): Buffer {
  const out: Buffer[] = [int16(version)];
  writeAssigned(out, assigned);
  out.push(int32(-1));
  return Buffer.concat(out);
}

/** Nothing at all means no topicPartitions. */
export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  if (bytes.length === 0) return [];
  const read = createReader(bytes);
  read.int16();
  return readAssigned(read);
}

function writeAssigned(out: Buffer[], assigned: readonly TopicPartition[]): void {
  const byTopic = Map.groupBy(assigned, ({ topic }) => topic);
  out.push(int32(byTopic.size));
  for (const [topic, group] of byTopic) {
    out.push(text(topic), int32(group.length));
    for (const { topicPartition } of group) out.push(int32(topicPartition));
  }
}

type Reader = ReturnType<typeof createReader>;

function readAssigned(read: Reader): TopicPartition[] {
  return read
    .list(() => {
      const topic = read.text();
      return read.list(() => ({ topic, topicPartition: read.int32() }));
    })
    .flat();
}

function createReader(bytes: Buffer) {
  let at = 0;
  const take = (count: number) => {
    if (count > bytes.length - at) throw malformed();
    at += count;
    return at - count;
  };
  const read = {
    int16: () => bytes.readInt16BE(take(2)),
    int32: () => bytes.readInt32BE(take(4)),
    isAtEnd: () => at === bytes.length,
    text() {
      const length = Math.max(0, read.int16());
      return bytes.toString("utf8", take(length), at);
    },
    bytes() {
      const length = read.int32();
      if (length < 0) return undefined;
      return bytes.subarray(take(length), at);
    },
    list<Element>(element: () => Element): Element[] {
      const count = read.int32();
      // Every element takes two bytes at the least.
      if (count > (bytes.length - at) / 2) throw malformed();
      return Array.from({ length: Math.max(0, count) }, element);
    },
  };
  return read;
}

function malformed(): KafkaError {
  const message = "what another member of the group says of itself cannot be read";
  return new KafkaError("INCONSISTENT_GROUP_PROTOCOL", message, false);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}
