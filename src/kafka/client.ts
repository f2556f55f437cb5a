// What the workloads need of a Kafka client. Two implementations: `native/` (the default; our hot
// path) and `kafkajs/` (what an application on that library would see); one conformance suite runs
// over both. Configuration arrives resolved (conf/), never as raw Java names.

import type { Clock } from "../platform/clock/clock.ts";
import type { Log } from "../platform/log/log.ts";
import type { AdminConf, ProducerConf } from "./conf/types.ts";

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
