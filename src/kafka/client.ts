// What the workloads need of a Kafka client. Two implementations: `native/` (the default; our hot
// path) and `kafkajs/` (what an application on that library would see); one conformance suite runs
// over both. Configuration arrives resolved (conf/), never as raw Java names.

import type { Clock } from "../platform/clock/clock.ts";
import type { Log } from "../platform/log/log.ts";
import type { AdminConf, ConsumerConf, ProducerConf } from "./conf/types.ts";

export type ClientLibrary = "native" | "kafkajs";

export interface ClientEnvironment {
  readonly clock: Clock;
  readonly log: Log;
}

export interface KafkaClients {
  readonly library: ClientLibrary;
  /** Does not connect yet; the first call does. */
  admin(conf: AdminConf, environment: ClientEnvironment): Admin;
  producer(conf: ProducerConf, source: RecordSource, environment: ClientEnvironment): Producer;
  consumer(conf: ConsumerConf, environment: ClientEnvironment): Consumer;
  groupAdmin(conf: AdminConf, environment: ClientEnvironment): GroupAdmin;
  /** Throws where the library has no share groups. */
  shareConsumer(conf: ConsumerConf, environment: ClientEnvironment): ShareConsumer;
}

/** A failure that a broker or the client reports. `code` is Kafka's error name. */
export class KafkaError extends Error {
  override readonly name = "KafkaError";
  /**
   * `TOPIC_ALREADY_EXISTS`, `SASL_AUTHENTICATION_FAILED`, ... or a client-side `REQUEST_TIMED_OUT`,
   * `NETWORK_EXCEPTION`, `RECORD_TOO_LARGE`.
   */
  readonly code: string;
  readonly retriable: boolean;

  constructor(code: string, message: string, retriable: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retriable = retriable;
  }
}

export interface NewTopic {
  readonly name: string;
  /** -1 together with `assignments`. */
  readonly numPartitions: number;
  readonly replicationFactor: number;
  /** Partition number -> broker ids; empty when the broker chooses. */
  readonly assignments: ReadonlyMap<number, readonly number[]>;
  readonly configs: ReadonlyMap<string, string>;
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: readonly number[];
}

/** A single try of a call has `conf.requestTimeoutMs`; it rejects early when the signal aborts. */
export interface Admin {
  /** For each topic: undefined for success, else what was wrong. Rejects when no broker answers. */
  createTopics(
    topics: readonly NewTopic[],
    signal: AbortSignal,
  ): Promise<Map<string, KafkaError | undefined>>;
  describeTopics(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<Map<string, TopicDescription | KafkaError>>;
  close(): Promise<void>;
}

/**
 * The bytes of a load's records as a function of the position, written in place: no object and no
 * buffer for each record. For one position the producer calls the sizes first, then the writes, and
 * positions come in the order of the sends. A size of -1 is null.
 */
export interface RecordSource {
  /** The sizes of every record, when they are all the same; then the functions are not asked. */
  readonly fixedSizes?: { readonly key: number; readonly value: number } | undefined;
  /**
   * The value of every record, when it is the same bytes; with `fixedSizes`, writeValue may then
   * not be asked.
   */
  readonly constantValue?: Uint8Array | undefined;
  keySize(position: number): number;
  valueSize(position: number): number;
  /** Writes exactly `keySize(position)` bytes at `offset`. Not called for null. */
  writeKey(position: number, target: Uint8Array, offset: number): void;
  writeValue(position: number, target: Uint8Array, offset: number): void;
}

/**
 * The outcome of some records of one topicPartition that were sent together: one batch. All times
 * are on the monotonic clock (Clock.nowUs). The two arrays hold one ascending number a record and
 * are only valid during the callback; entries from `count` on are meaningless.
 *
 *     intendedUs --- appendedUs --- sentUs --- completedUs
 *      schedule       send()        socket      answer
 */
export interface SendOutcome {
  readonly topic: string;
  readonly topicPartition: number;
  readonly count: number;
  /** What the caller of `send` passed. */
  readonly intendedUs: Float64Array;
  /** When `send` took the record; an implementation may stamp one time on a run of sends. */
  readonly appendedUs: Float64Array;
  /** When the batch was first written to the socket; `completedUs` for one that never was. */
  readonly sentUs: number;
  /** When the answer arrived, on the same clock. */
  readonly completedUs: number;
  /** Bytes of the records' keys and values. */
  readonly payloadBytes: number;
  /** Undefined: acknowledged. */
  readonly error: KafkaError | undefined;
}

export interface Producer {
  /**
   * Connects and learns the partitions of the topics; for a transactional.id also fences older
   * producers. Rejects after max.block.ms, naming the cause.
   */
  start(topics: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * Appends record `position` of the source. `topicPartition` -1 lets the client's partitioner
   * choose. False: buffer.memory is full, nothing was appended; wait for `room()` and try again.
   * A record that can never be sent (larger than max.request.size, fatal producer error) is
   * reported as a failed outcome and answers true.
   */
  send(topic: string, topicPartition: number, position: number, intendedUs: number): boolean;
  /** Resolves when a send can succeed again (or the producer has failed for good). */
  room(): Promise<void>;
  /** Sends all open batches now, without waiting for acknowledgements. */
  flush(): void;
  /** Resolves when every appended record has its outcome. */
  settled(): Promise<void>;
  /** Called for every batch of records, acknowledged or failed. Set once, before `start`. */
  onOutcome: (outcome: SendOutcome) => void;
  beginTransaction(): void;
  /** Flushes, waits for the outcomes, commits. Rejects with the reason when it cannot. */
  commitTransaction(): Promise<void>;
  abortTransaction(): Promise<void>;
  /** The first error after which no send can succeed (fenced, authorisation, ...). */
  readonly fatalError: KafkaError | undefined;
  /** Records appended and not yet settled, for the question whether the broker is the limit. */
  readonly buffered: { readonly records: number; readonly bytes: number };
  /**
   * Ends the producer. Waits up to `timeoutMs` for outcomes, then fails what is left with an
   * outcome, aborts an open transaction and closes the connections.
   */
  close(timeoutMs: number): Promise<void>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly topicPartition: number;
}

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/**
 * Records of one topicPartition in the order of their offsets, walked in place: no object for a
 * record. The fields below `next` mean the record that `next` went to. The cursor is valid until
 * `onRecords` returns, or until the promise that it returned is settled; `bytes` is another buffer
 * after some calls of `next` and after every await, so read it for each record.
 */
export interface RecordCursor {
  readonly topic: string;
  readonly topicPartition: number;
  /** When the answer that holds these records had arrived, on the monotonic clock. */
  readonly receivedUs: number;
  /** Goes to the next record; false: there is none in this call, or what follows is corrupt. */
  next(): boolean;
  readonly offset: number;
  readonly timestampMs: number;
  readonly bytes: Uint8Array;
  readonly keyOffset: number;
  /** -1 is null. */
  readonly keySize: number;
  readonly valueOffset: number;
  readonly valueSize: number;
  headers(): readonly RecordHeader[];
  /**
   * Takes at most `limit` of the next records at once, for who needs no more of them than `into`
   * says; answers how many. Fewer or none where each has to be looked at: go on with `next`.
   */
  readonly tally?: (limit: number, into: RecordTally) => number;
}

/** What a tally found. */
export interface RecordTally {
  /** Of the keys and values. */
  bytes: number;
  /** A time stamp and how many neighbouring records have it, in turn: so many such pairs. */
  readonly runs: Float64Array;
  runCount: number;
}

/** What a group did with this consumer's topicPartitions. */
export interface Rebalance {
  /** `lost`: taken away without a chance to commit (the session had ended). */
  readonly kind: "assigned" | "revoked" | "lost";
  readonly topicPartitions: readonly TopicPartition[];
}

export interface PartitionProgress extends TopicPartition {
  /** The offset of the next record to take; undefined until it is known. */
  readonly position: number | undefined;
  /**
   * Where the topicPartition ended for this consumer's isolation level, as the last answer told;
   * its lag is `endOffset - position`. Undefined until there was an answer.
   */
  readonly endOffset: number | undefined;
}

/** An offset by name, or of the first record at or after a time. */
export type OffsetQuery = "earliest" | "latest" | { readonly timestampMs: number };

/**
 * Takes records of topics within a group (`subscribe`) or of topicPartitions that the caller
 * chooses (`assign`). Call one of the two, once, with the callbacks set. Offsets are committed as
 * enable.auto.commit and auto.commit.interval.ms say; the position that is committed lies behind
 * the last record that `onRecords` has done with, never further.
 */
export interface Consumer {
  /**
   * Called with at most max.poll.records records, one call at a time. What is not taken with
   * `next` comes again in the next call. A promise holds everything back until it resolves: that
   * is how to slow the consumer down. When it takes longer than max.poll.interval.ms, the group
   * goes on without this member until it resolves, as in Java. An error that it throws ends the
   * consumer.
   */
  onRecords: (records: RecordCursor) => void | Promise<void>;
  /** Revoked topicPartitions were committed before (with enable.auto.commit). */
  onRebalance: (rebalance: Rebalance) => void;
  /** Every failure, also those that are tried again: for counting by `code`. */
  onError: (error: KafkaError) => void;
  /** The consumer has ended with `fatalError`; called once. */
  onFatal: (error: KafkaError) => void;
  /**
   * Finds the group's coordinator and begins to join; members, assignments and missing topics come
   * later. Rejects when no broker answers within default.api.timeout.ms, or refuses.
   */
  subscribe(topics: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * Rejects when a topic or topicPartition does not exist within default.api.timeout.ms. With a
   * group.id it begins at the group's committed offsets.
   */
  assign(topicPartitions: readonly TopicPartition[], signal: AbortSignal): Promise<void>;
  /** What is assigned now, with positions. */
  progress(): readonly PartitionProgress[];
  /** Records that are still to be taken, as far as the last answers told. */
  readonly lagRecords: number;
  /** Offers no records until `resume`, and stays in the group. */
  pause(): void;
  resume(): void;
  /** The next record to take of an assigned topicPartition. */
  seek(topic: string, topicPartition: number, offset: number): void;
  /** In the order of the question; -1 when there is no record at or after the time. */
  offsets(
    topicPartitions: readonly TopicPartition[],
    query: OffsetQuery,
    signal: AbortSignal,
  ): Promise<number[]>;
  /** Commits the positions of what is assigned. Rejects with the reason when it cannot. */
  commit(): Promise<void>;
  /** Undefined without subscription, and while the consumer is not a member. */
  readonly membership: GroupMembership | undefined;
  /** Why nothing comes at the moment, as far as known: for a task that received nothing. */
  readonly trouble: KafkaError | undefined;
  /** The first error after which nothing comes any more. */
  readonly fatalError: KafkaError | undefined;
  /**
   * Offers no more records, commits (with enable.auto.commit), leaves the group and closes the
   * connections; takes `timeoutMs` at the most.
   */
  close(timeoutMs: number): Promise<void>;
}

export interface GroupMembership {
  readonly groupId: string;
  readonly memberId: string;
  /** Generation (classic protocol) or member epoch (consumer); -1: the library does not tell. */
  readonly epoch: number;
  /** How often this member was assigned topicPartitions anew. */
  readonly rebalances: number;
}

export interface GroupDescription {
  readonly groupId: string;
  /** Kafka's word: `Stable`, `Empty`, `PreparingRebalance`, ...; `Dead` for an unknown group. */
  readonly state: string;
  readonly clientIds: readonly string[];
}

export interface CommittedOffset extends TopicPartition {
  readonly offset: number;
}

/** A RecordCursor over records that a share group has lent to this member. */
export interface ShareCursor extends RecordCursor {
  /** How often this record was lent to a member, this time included. */
  readonly deliveryCount: number;
}

/**
 * Takes records as a member of a share group (KIP-932). Records that `onRecords` has taken with
 * `next` are acknowledged when it is done; those that it has not taken are given back at once.
 * Where a share group begins is the group's configuration (share.auto.offset.reset).
 */
export interface ShareConsumer {
  /** As for a Consumer. */
  onRecords: (records: ShareCursor) => void | Promise<void>;
  onError: (error: KafkaError) => void;
  onFatal: (error: KafkaError) => void;
  subscribe(topics: readonly string[], signal: AbortSignal): Promise<void>;
  pause(): void;
  resume(): void;
  /** What the group has this member read from now; others may read from the same. */
  assigned(): readonly TopicPartition[];
  /** Records whose acknowledgement the group has taken, and those that were given back. */
  readonly acknowledged: number;
  readonly released: number;
  readonly membership: GroupMembership | undefined;
  readonly trouble: KafkaError | undefined;
  readonly fatalError: KafkaError | undefined;
  /** Acknowledges what was taken, leaves the group, closes; takes `timeoutMs` at the most. */
  close(timeoutMs: number): Promise<void>;
}

/** Administration of groups; each call as those of Admin. */
export interface GroupAdmin {
  describeGroup(groupId: string, signal: AbortSignal): Promise<GroupDescription>;
  /** Everything that the group has committed. */
  committedOffsets(groupId: string, signal: AbortSignal): Promise<readonly CommittedOffset[]>;
  /** Rejects with GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, ... */
  deleteGroup(groupId: string, signal: AbortSignal): Promise<void>;
  /** Sets configurations of the group (`share.auto.offset.reset`, ...), which need not exist. */
  alterGroupConfigs(
    groupId: string,
    configs: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<void>;
  close(): Promise<void>;
}
