// The producer over kafkajs. kafkajs has no buffer and no linger: an application hands it batches
// and waits. This file is that application: it gathers records by topicPartition as batch.size and
// linger.ms say, keeps to buffer.memory, and hands the batches to kafkajs in calls.
//
// kafkajs gives one result for a call, and a call holds batches of many topicPartitions, since
// calls are dear. With idempotence each batch of a refused call is sent again alone, which tells
// them apart: the broker knows the ones it has. Without idempotence that would write them twice, so
// there the whole call has failed, as it has for any application on kafkajs.

import {
  type ClientEnvironment,
  KafkaError,
  type Producer,
  type RecordSource,
  type SendOutcome,
} from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import {
  noSuchPartition,
  notTransactional,
  outsideTransaction,
  producerClosed,
  recordTooLarge,
  refusedOutcome,
  topicNotStarted,
  transactionAborted,
} from "../producer-errors.ts";
import { deadlineIn } from "../retry.ts";
import {
  type Batch,
  batchOverheadBytes,
  createQueue,
  type Lane,
  openBatch,
  outcomeOf,
  type Queue,
  recordOverheadBytes,
  release,
  seal,
  takeBatches,
  takeUnsent,
} from "./producer-queues.ts";
import { createProducerSession, type LedPartition } from "./producer-session.ts";

interface Topic {
  readonly queues: readonly Queue[];
  readonly partitions: LedPartition[];
}

export function createProducer(
  conf: ProducerConf,
  source: RecordSource,
  environment: ClientEnvironment,
): Producer {
  const { clock } = environment;
  const session = createProducerSession(conf, environment);
  const callsPerLane = conf.idempotence ? 1 : conf.maxInFlight;
  const topics = new Map<string, Topic>();
  const lanes: Lane[] = [];
  let queues: Queue[] = [];
  const inCalls = new Set<Batch>();
  let bufferedRecords = 0;
  let bufferedBytes = 0;
  let fatalError: KafkaError | undefined;
  let transaction: "none" | "open" | "failed" = "none";
  let transactionFailure: KafkaError | undefined;
  let isClosed = false;
  const roomWaiters: (() => void)[] = [];
  const settledWaiters: (() => void)[] = [];

  // ---- appending

  function send(topicName: string, index: number, position: number, intendedUs: number): boolean {
    const nowUs = clock.nowUs();
    const keySize = source.keySize(position);
    const valueSize = source.valueSize(position);
    const payloadBytes = Math.max(0, keySize) + Math.max(0, valueSize);
    const sizeBytes = payloadBytes + recordOverheadBytes;
    const failOne = (error: KafkaError): true => {
      producer.onOutcome(refusedOutcome(topicName, index, intendedUs, nowUs, payloadBytes, error));
      return true;
    };
    const topic = topics.get(topicName);
    const refused = refusal() ?? tooLarge(sizeBytes + batchOverheadBytes, conf);
    if (refused !== undefined) return failOne(refused);
    if (topic === undefined) return failOne(topicNotStarted(topicName));
    if (index >= topic.queues.length) {
      return failOne(noSuchPartition(topicName, index, topic.queues.length));
    }
    if (bufferedBytes + sizeBytes + batchOverheadBytes > conf.bufferMemoryBytes) {
      // No memory: nothing is gained by letting open batches wait for more.
      flush();
      return false;
    }
    const key = bytesOf(keySize, (target) => source.writeKey(position, target, 0));
    const value = bytesOf(valueSize, (target) => source.writeValue(position, target, 0));
    const partition =
      index >= 0
        ? index
        : session.choosePartition(
            topicName,
            topic.partitions,
            conf.partitionerIgnoresKeys ? undefined : (key ?? undefined),
          );
    append(topic.queues[partition]!, { key, value, partition }, sizeBytes, payloadBytes, nowUs);
    topic.queues[partition]!.open!.intendedUs.push(intendedUs);
    return true;
  }

  function append(
    queue: Queue,
    message: Batch["messages"][number],
    sizeBytes: number,
    payloadBytes: number,
    nowUs: number,
  ): void {
    if (queue.open !== undefined && queue.open.sizeBytes + sizeBytes > conf.batchSizeBytes) {
      seal(queue);
      pump(queue.lane);
    }
    let batch = queue.open;
    if (batch === undefined) {
      batch = openBatch(queue, nowUs);
      bufferedBytes += batch.sizeBytes;
      lingerTimer ??= setTimeout(linger, conf.lingerMs);
    }
    batch.messages.push(message);
    batch.appendedUs.push(nowUs);
    batch.sizeBytes += sizeBytes;
    batch.payloadBytes += payloadBytes;
    bufferedBytes += sizeBytes;
    bufferedRecords += 1;
    deadlineTimer ??= setTimeout(checkDeadlines, deadlineTickMs);
  }

  function refusal(): KafkaError | undefined {
    if (fatalError !== undefined) return fatalError;
    if (isClosed) return producerClosed();
    if (conf.transactionalId === undefined || transaction === "open") return undefined;
    return transactionFailure ?? outsideTransaction();
  }

  // ---- lingering and deadlines

  let lingerTimer: ReturnType<typeof setTimeout> | undefined;

  function linger(): void {
    lingerTimer = undefined;
    // Those that would be due soon go along in the same calls.
    const createdBefore = clock.nowUs() - conf.lingerMs * 500;
    let hasOpen = false;
    for (const queue of queues) {
      if (queue.open === undefined) continue;
      if (queue.open.createdUs <= createdBefore) seal(queue);
      else hasOpen = true;
    }
    for (const lane of lanes) pump(lane);
    if (hasOpen) lingerTimer = setTimeout(linger, Math.max(1, conf.lingerMs / 2));
  }

  function flush(): void {
    for (const queue of queues) seal(queue);
    for (const lane of lanes) pump(lane);
  }

  let deadlineTimer: ReturnType<typeof setTimeout> | undefined;
  const deadlineTickMs = Math.min(1000, Math.max(10, conf.deliveryTimeoutMs / 10));

  function checkDeadlines(): void {
    deadlineTimer = undefined;
    const createdBefore = clock.nowUs() - conf.deliveryTimeoutMs * 1000;
    const isDue = (batch: Batch) => batch.createdUs <= createdBefore;
    const late = [...takeUnsent(queues, isDue), ...[...inCalls].filter(isDue)];
    if (late.length > 0) settle(late, undelivered(conf));
    if (bufferedRecords > 0 && !isClosed) {
      deadlineTimer = setTimeout(checkDeadlines, deadlineTickMs);
    }
  }

  // ---- calling kafkajs

  function pump(lane: Lane): void {
    while (lane.calls < callsPerLane && lane.ready.size > 0 && !isClosed) {
      void call(lane, takeBatches(lane, conf.maxRequestSizeBytes));
    }
  }

  async function call(lane: Lane, batches: readonly Batch[]): Promise<void> {
    lane.calls++;
    const nowUs = clock.nowUs();
    for (const batch of batches) {
      batch.sentUs = nowUs;
      inCalls.add(batch);
    }
    const error = await session.send(batches);
    const isUnclear = batches.length > 1 && error !== undefined && isRefusal(error);
    if (isUnclear && conf.idempotence) {
      for (const batch of batches) {
        if (batch.isSettled) session.leaveProducer();
        else finish([batch], await session.send([batch]));
      }
    } else finish(batches, isUnclear ? unattributed(error, batches.length) : error);
    for (const batch of batches) inCalls.delete(batch);
    release(batches);
    lane.calls--;
    pump(lane);
  }

  function finish(batches: readonly Batch[], error: KafkaError | undefined): void {
    if (error !== undefined) {
      if (fatalCodes.has(error.code)) failForGood(error);
      const isUnsure = conf.idempotence && !isRefusal(error);
      if (isUnsure && conf.transactionalId === undefined) session.leaveProducer();
    }
    settle(batches, error);
  }

  function settle(batches: readonly Batch[], error: KafkaError | undefined): void {
    const nowUs = clock.nowUs();
    for (const batch of batches) {
      if (batch.isSettled) continue;
      batch.isSettled = true;
      bufferedRecords -= batch.messages.length;
      bufferedBytes -= batch.sizeBytes;
      producer.onOutcome(outcomeOf(batch, nowUs, error));
    }
    if (error !== undefined) failTransaction(error);
    wake(roomWaiters);
    if (bufferedRecords === 0) wake(settledWaiters);
  }

  function failUnsent(error: KafkaError): void {
    settle(
      takeUnsent(queues, () => true),
      error,
    );
  }

  function failForGood(error: KafkaError): void {
    if (fatalError !== undefined) return;
    fatalError = error;
    failUnsent(error);
    wake(roomWaiters);
  }

  // ---- transactions

  function failTransaction(error: KafkaError): void {
    if (transaction !== "open") return;
    transaction = "failed";
    transactionFailure = error;
    failUnsent(transactionAborted(error));
  }

  function settled(): Promise<void> {
    if (bufferedRecords === 0) return Promise.resolve();
    return new Promise((resolve) => settledWaiters.push(resolve));
  }

  async function abortTransaction(): Promise<void> {
    if (transaction === "none") return;
    const hasFailed = transaction === "failed";
    transaction = "failed";
    transactionFailure ??= new KafkaError(
      "TRANSACTION_ABORTED",
      "the transaction was aborted",
      false,
    );
    failUnsent(transactionFailure);
    await settled();
    // Batches that were lost left kafkajs's sequence numbers in doubt.
    if (hasFailed) session.leaveProducer();
    await session.abort();
    transaction = "none";
    transactionFailure = undefined;
  }

  async function commitTransaction(): Promise<void> {
    flush();
    await settled();
    if (transaction === "failed") throw transactionFailure!;
    if (transaction !== "open") throw outsideTransaction();
    try {
      await session.commit();
      transaction = "none";
    } catch (error) {
      transaction = "failed";
      transactionFailure = error as KafkaError;
      if (fatalCodes.has(transactionFailure.code)) failForGood(transactionFailure);
      throw error;
    }
  }

  // ---- life

  async function close(timeoutMs: number): Promise<void> {
    if (isClosed) return;
    const { untilUs } = deadlineIn(clock, timeoutMs);
    const leftMs = () => Math.max(0, (untilUs - clock.nowUs()) / 1000);
    const ended = new AbortController();
    const bounded = (work: Promise<void>) =>
      Promise.race([work, clock.sleep(leftMs(), ended.signal)]);
    if (transaction !== "none") {
      await bounded(abortTransaction()).catch((error: unknown) =>
        environment.log.debug("could not abort", { error: String(error) }),
      );
    }
    flush();
    await bounded(settled());
    ended.abort();
    isClosed = true;
    clearTimeout(lingerTimer);
    clearTimeout(deadlineTimer);
    settle([...takeUnsent(queues, () => true), ...inCalls], producerClosed());
    await session.close(Math.min(1000, leftMs()));
    wake(roomWaiters);
  }

  const producer: Producer = {
    onOutcome: (_outcome: SendOutcome) => {},
    async start(names, signal) {
      const deadline = deadlineIn(clock, conf.maxBlockMs, signal);
      const found = await session.start(names, deadline);
      const laneOf = new Map<number, Lane>();
      for (const [name, partitions] of found) {
        const own = partitions.map(({ partitionId, leader }) => {
          const key = conf.transactionalId === undefined ? leader : 0;
          const lane = laneOf.get(key) ?? { ready: new Set(), calls: 0 };
          laneOf.set(key, lane);
          return createQueue(name, partitionId, lane);
        });
        topics.set(name, { queues: own, partitions });
        queues = [...queues, ...own];
      }
      lanes.push(...laneOf.values());
    },
    send,
    room() {
      if (fatalError !== undefined || isClosed || bufferedRecords === 0) return Promise.resolve();
      return new Promise((resolve) => roomWaiters.push(resolve));
    },
    flush,
    settled,
    beginTransaction() {
      if (conf.transactionalId === undefined) throw notTransactional();
      if (transaction !== "none") throw new Error("a transaction is open already");
      transaction = "open";
      session.begin();
    },
    commitTransaction,
    abortTransaction,
    get fatalError() {
      return fatalError;
    },
    get buffered() {
      return { records: bufferedRecords, bytes: bufferedBytes };
    },
    close,
  };
  return producer;
}

const fatalCodes = new Set([
  "PRODUCER_FENCED",
  "INVALID_PRODUCER_EPOCH",
  "INVALID_PRODUCER_ID_MAPPING",
  "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
]);

/** The broker said no and wrote nothing; after other errors nobody knows. */
const refusals = new Set([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_TOPIC_EXCEPTION",
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "INVALID_TIMESTAMP",
  "UNSUPPORTED_FOR_MESSAGE_FORMAT",
  "POLICY_VIOLATION",
  "INVALID_RECORD",
]);

function isRefusal(error: KafkaError): boolean {
  return refusals.has(error.code);
}

function unattributed(error: KafkaError, count: number): KafkaError {
  const message = `one of the ${count} topicPartitions of this call was refused: ${error.message}`;
  return new KafkaError(error.code, message, error.retriable, error);
}

function wake(waiters: (() => void)[]): void {
  for (const waiter of waiters.splice(0)) waiter();
}

function bytesOf(size: number, write: (target: Uint8Array) => void): Buffer | null {
  if (size < 0) return null;
  const bytes = Buffer.allocUnsafe(size);
  if (size > 0) write(bytes);
  return bytes;
}

function tooLarge(sizeBytes: number, conf: ProducerConf): KafkaError | undefined {
  const limits: [number, string][] = [
    [conf.maxRequestSizeBytes, "max.request.size"],
    [conf.bufferMemoryBytes, "buffer.memory"],
  ];
  const broken = limits.find(([limit]) => sizeBytes > limit);
  if (broken === undefined) return undefined;
  return recordTooLarge(sizeBytes, ...broken);
}

function undelivered(conf: ProducerConf): KafkaError {
  return new KafkaError(
    "REQUEST_TIMED_OUT",
    `not acknowledged within delivery.timeout.ms (${conf.deliveryTimeoutMs})`,
    true,
  );
}
