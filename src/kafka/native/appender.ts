// Appends a load's records to the open batches of their topicPartitions and seals batches that are
// full, have lingered, or must not wait any longer. `send` is the hot path of every load: it runs
// millions of times a second and allocates nothing for a record.

import type { ClientEnvironment, KafkaError, RecordSource, SendOutcome } from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import { refusedOutcome } from "../producer-errors.ts";
import { appendFailure } from "./append-failure.ts";
import type { BatchPool } from "./batch-pool.ts";
import type { ConstantTail } from "./constant-tail.ts";
import type { Leaders } from "./leaders.ts";
import {
  type PartitionQueue,
  type Sealing,
  sealOpenBatch,
  type TopicQueues,
} from "./partition-queue.ts";
import { createPartitioner } from "./partitioner.ts";
import {
  appendRecord,
  batchHeaderBytes,
  fieldsSize,
  type RecordBatch,
  recordSizeMax,
} from "./record-batch.ts";

export interface AppenderOptions {
  readonly conf: ProducerConf;
  readonly source: RecordSource;
  readonly tail: ConstantTail | undefined;
  readonly environment: ClientEnvironment;
  readonly leaders: Leaders;
  readonly pool: BatchPool;
  readonly sealing: Sealing;
  /** A batch was sealed and waits in the queue. */
  look(queue: PartitionQueue): void;
  /** Why no record can be appended now; undefined when one can. */
  refusal(): KafkaError | undefined;
  /** A record was appended. */
  onAppended(): void;
  /** A record can never be sent. */
  onRefused(outcome: SendOutcome): void;
}

export interface Appender {
  send(topicName: string, topicPartition: number, position: number, intendedUs: number): boolean;
  /** Whether the record that was refused last would find room now. */
  hasRoom(): boolean;
  /** Seals every open batch. */
  flush(): void;
  /**
   * How much may wait for the brokers in sealed batches. More than their next requests gains
   * nothing but cache misses on both sides of the socket: a load that is ahead waits in `room()`.
   */
  waitingBytesMax: number;
  close(): void;
}

/** The clocks are read once for so many records of one turn: about 10 us at full speed. */
const recordsPerClockReading = 32;

export function createAppender(options: AppenderOptions): Appender {
  const { conf, source, tail, leaders, pool, sealing } = options;
  const { clock } = options.environment;
  const { fixedSizes } = source;
  const partitioner = createPartitioner(conf.batchSizeBytes);
  const { maxRequestSizeBytes } = conf;
  // The runtime may let a timer of one millisecond wait for another that was set before it and is
  // due in the same millisecond. A load that sleeps a millisecond at a time is disturbed the less,
  // the less ahead this timer is set. A sparse load is better off with one timer for a batch.
  const lingerCheckMs = Math.max(1, Math.floor(conf.lingerMs / 5));
  let lastOpenedUs = Number.NEGATIVE_INFINITY;
  let isClosed = false;
  let lingerTimer: ReturnType<typeof setTimeout> | undefined;

  let nowUs = 0;
  let nowMs = 0;
  let readingsLeft = 0;
  let isInTurn = false;

  let sizedPosition = -1;
  let keySize = -1;
  let valueSize = -1;
  let fieldsBytes = 0;
  let size = 0;
  if (fixedSizes !== undefined) useSizes(fixedSizes.key, fixedSizes.value);

  let lastName: string | undefined;
  let lastTopic: TopicQueues | undefined;
  let scratch = new Uint8Array(256);

  function send(topicName: string, index: number, position: number, intendedUs: number): boolean {
    if (--readingsLeft <= 0) readClocks();
    // The caller's own string: comparing it with itself costs nothing.
    if (lastName !== topicName) {
      lastName = topicName;
      lastTopic = leaders.topics.get(topicName);
    }
    // A record that found no room comes again: the source is asked for its sizes only once.
    if (fixedSizes === undefined && sizedPosition !== position) {
      sizedPosition = position;
      useSizes(source.keySize(position), source.valueSize(position));
    }
    const failure =
      options.refusal() ?? appendFailure(topicName, lastTopic, index, size, maxRequestSizeBytes);
    if (failure !== undefined) return failOne(topicName, index, intendedUs, failure);
    let key: Uint8Array | undefined;
    if (index === -1 && keySize >= 0) key = writtenKey(position);
    const queue = index === -1 ? choose(lastTopic!, key) : lastTopic!.queues[index]!;
    let batch = queue.open;
    if (batch === undefined || batch.sizeBytes + size > batch.memoryBytes) {
      batch = openAnother(queue);
      if (batch === undefined) return false;
    }
    appendRecord(
      batch,
      source,
      position,
      keySize,
      valueSize,
      fieldsBytes,
      nowMs,
      intendedUs,
      nowUs,
      key,
      tail,
    );
    options.onAppended();
    return true;
  }

  function useSizes(key: number, value: number): void {
    if (key === keySize && value === valueSize && size > 0) return;
    keySize = key;
    valueSize = value;
    fieldsBytes = fieldsSize(key, value);
    size = recordSizeMax(fieldsBytes);
  }

  function readClocks(): void {
    if (!isInTurn) {
      isInTurn = true;
      queueMicrotask(endTurn);
    }
    nowUs = clock.nowUs();
    nowMs = clock.nowMs();
    readingsLeft = recordsPerClockReading;
  }

  /** What is read in one turn must not date the records of the next. */
  function endTurn(): void {
    isInTurn = false;
    readingsLeft = 0;
    if (conf.lingerMs === 0) sealIdle(0);
  }

  function choose(topic: TopicQueues, key: Uint8Array | undefined): PartitionQueue {
    return partitioner.choose(topic, conf.partitionerIgnoresKeys ? undefined : key, size);
  }

  function writtenKey(position: number): Uint8Array {
    if (scratch.byteLength < keySize) scratch = new Uint8Array(keySize * 2);
    if (keySize > 0) source.writeKey(position, scratch, 0);
    return scratch.subarray(0, keySize);
  }

  function openAnother(queue: PartitionQueue): RecordBatch | undefined {
    if (sealOpenBatch(queue, sealing)) options.look(queue);
    const bytes = batchHeaderBytes + size;
    const batch = sealing.waitingBytes >= appender.waitingBytesMax ? undefined : pool.take(bytes);
    if (batch === undefined) {
      // Out of memory, nothing is gained by letting open batches wait for more.
      if (!pool.hasRoom(bytes)) sealIdle(0);
      return undefined;
    }
    queue.open = batch;
    const isSparse = nowUs - lastOpenedUs > conf.lingerMs * 1000;
    lastOpenedUs = nowUs;
    lingerTimer ??= setTimeout(linger, isSparse ? conf.lingerMs : lingerCheckMs);
    return batch;
  }

  function failOne(topic: string, index: number, intendedUs: number, error: KafkaError): true {
    const payloadBytes = Math.max(0, keySize) + Math.max(0, valueSize);
    options.onRefused(refusedOutcome(topic, index, intendedUs, nowUs, payloadBytes, error));
    return true;
  }

  function linger(): void {
    lingerTimer = undefined;
    const lingeredSinceUs = clock.nowUs() - conf.lingerMs * 1000;
    let hasOpen = false;
    let isDue = false;
    for (const { open, waiting } of leaders.queues) {
      if (open === undefined) continue;
      hasOpen = true;
      if (waiting.length === 0 && open.createdUs <= lingeredSinceUs) isDue = true;
    }
    // Those that would be due soon go along in the same requests.
    if (isDue) hasOpen = sealIdle(conf.lingerMs * 500);
    if (hasOpen && !isClosed) lingerTimer = setTimeout(linger, lingerCheckMs);
  }

  /**
   * Seals the open batches of at least this age that have nothing before them; where something
   * waits, an open batch only gets fuller until its turn comes. Answers whether any is still open.
   */
  function sealIdle(ageUs: number): boolean {
    const createdBefore = clock.nowUs() - ageUs;
    let hasOpen = false;
    for (const queue of leaders.queues) {
      const { open } = queue;
      if (open === undefined) continue;
      if (queue.waiting.length > 0 || open.createdUs > createdBefore) {
        hasOpen = true;
        continue;
      }
      sealOpenBatch(queue, sealing);
      options.look(queue);
    }
    return hasOpen;
  }

  const appender: Appender = {
    send,
    hasRoom() {
      const isAhead = sealing.waitingBytes >= appender.waitingBytesMax;
      return !isAhead && pool.hasRoom(batchHeaderBytes + size);
    },
    flush() {
      for (const queue of leaders.queues) {
        if (sealOpenBatch(queue, sealing)) options.look(queue);
      }
    },
    waitingBytesMax: conf.bufferMemoryBytes,
    close() {
      isClosed = true;
      clearTimeout(lingerTimer);
    },
  };
  return appender;
}
