// The native producer: the appender fills batches, the sender sends them, the transaction decides
// what may be written; this file puts them together and owns the beginning and the end.

import type {
  ClientEnvironment,
  KafkaError,
  Producer,
  RecordSource,
  SendOutcome,
} from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import { producerClosed, transactionAborted } from "../producer-errors.ts";
import { deadlineIn } from "../retry.ts";
import { createAppender } from "./appender.ts";
import { createBatchPool } from "./batch-pool.ts";
import { loadCodec } from "./compression.ts";
import { type ConstantTail, createConstantTail } from "./constant-tail.ts";
import { type Control, createControl } from "./control.ts";
import { crc32c } from "./crc32c.ts";
import { createLeaders } from "./leaders.ts";
import { createProducerIds } from "./producer-ids.ts";
import {
  type BatchCodec,
  type BatchProducer,
  batchHeaderBytes,
  fieldsSize,
  recordSizeMax,
} from "./record-batch.ts";
import { createSender } from "./sender.ts";
import { createTransaction } from "./transaction.ts";

/** Shorter values are written quicker than looked for. */
const tailValueBytesMin = 128;

/** How much may wait for each broker, as a part of max.request.size. */
const requestsAhead = 0.5;

export function createProducer(
  conf: ProducerConf,
  source: RecordSource,
  environment: ClientEnvironment,
  control: Control = createControl(conf, environment),
): Producer {
  const { clock } = environment;
  const tail = tailOf(conf, source);
  const bufferBytes = tail && headRoom(conf, source, tail);
  const pool = createBatchPool(conf.batchSizeBytes, conf.bufferMemoryBytes, bufferBytes);
  const sealing = newSealing();
  let fatalError: KafkaError | undefined;
  let isClosed = false;
  let bufferedRecords = 0;
  const roomWaiters: (() => void)[] = [];
  const settledWaiters: (() => void)[] = [];

  const leaders = createLeaders(control, conf, environment, () => sender.lookAtAll());
  const transaction = createTransaction({
    conf,
    clock,
    leaders,
    ids: createProducerIds(control, conf, environment),
    sealing,
    onWritable: () => sender.lookAtAll(),
    onFailure(error) {
      sender.failUnsent(transactionAborted(error));
    },
    onFatal: failForGood,
  });
  const sender = createSender({
    conf,
    environment,
    control,
    leaders,
    pool,
    sealing,
    onOutcome(outcome) {
      bufferedRecords -= outcome.count;
      producer.onOutcome(outcome);
    },
    onRoom() {
      if (appender.hasRoom()) wake(roomWaiters);
      if (bufferedRecords === 0) wake(settledWaiters);
    },
    mayWrite: (queue) => transaction.mayWrite(queue),
    onTransactionFailure: (error) => transaction.fail(error),
    onFatal: failForGood,
  });

  function failForGood(error: KafkaError): void {
    if (fatalError !== undefined) return;
    fatalError = error;
    sender.failUnsent(error);
    transaction.fail(error);
    wake(roomWaiters);
  }

  const appender = createAppender({
    conf,
    source,
    tail,
    environment,
    leaders,
    pool,
    sealing,
    look: (queue) => sender.look(queue),
    refusal: () => fatalError ?? transaction.refusal(),
    onAppended() {
      bufferedRecords += 1;
    },
    onRefused: (outcome) => producer.onOutcome(outcome),
  });

  function settled(): Promise<void> {
    if (bufferedRecords === 0) return Promise.resolve();
    return new Promise((resolve) => settledWaiters.push(resolve));
  }

  async function close(timeoutMs: number): Promise<void> {
    if (isClosed) return;
    const ended = new AbortController();
    const timeIsUp = clock.sleep(timeoutMs, ended.signal);
    if (transaction.isOpen) {
      await Promise.race([transaction.abort(settled), timeIsUp]).catch((error: unknown) =>
        environment.log.debug("could not abort", { error: String(error) }),
      );
    }
    appender.flush();
    await Promise.race([settled(), timeIsUp]);
    ended.abort();
    isClosed = true;
    appender.close();
    fatalError ??= producerClosed();
    sender.abandon(producerClosed());
    leaders.close();
    control.close();
    wake(roomWaiters);
  }

  const producer: Producer = {
    onOutcome: (_outcome: SendOutcome) => {},
    async start(topics, signal) {
      const deadline = deadlineIn(clock, conf.maxBlockMs, signal);
      sealing.codec = await loadCodec(conf.compression, conf.compressionLevel);
      await leaders.learn(topics, deadline);
      appender.waitingBytesMax =
        requestsAhead * conf.maxRequestSizeBytes * Math.max(1, control.brokers.size);
      if (conf.idempotence) await transaction.acquireId(deadline);
    },
    send: appender.send,
    room() {
      if (fatalError !== undefined || isClosed || appender.hasRoom()) return Promise.resolve();
      return new Promise((resolve) => roomWaiters.push(resolve));
    },
    flush: appender.flush,
    settled,
    beginTransaction: () => transaction.begin(),
    async commitTransaction() {
      appender.flush();
      await settled();
      await transaction.commit();
    },
    abortTransaction: () => transaction.abort(settled),
    get fatalError() {
      return fatalError;
    },
    get buffered() {
      return { records: bufferedRecords, bytes: pool.usedBytes };
    },
    close,
  };
  return producer;
}

function newSealing() {
  return {
    producer: undefined as BatchProducer | undefined,
    codec: undefined as BatchCodec | undefined,
    crc32c,
    waitingBytes: 0,
  };
}

function tailOf(conf: ProducerConf, source: RecordSource): ConstantTail | undefined {
  const { fixedSizes, constantValue } = source;
  if (fixedSizes === undefined || constantValue === undefined) return undefined;
  if (constantValue.byteLength < tailValueBytesMin || conf.compression !== "none") return undefined;
  return createConstantTail(constantValue);
}

/** What the heads of the records of one batch take, at the most. */
function headRoom(conf: ProducerConf, source: RecordSource, tail: ConstantTail): number {
  const { key, value } = source.fixedSizes!;
  const fieldsBytes = fieldsSize(key, value);
  const headBytesMax = recordSizeMax(fieldsBytes) - tail.bytes.byteLength;
  const countMax = Math.ceil(conf.batchSizeBytes / fieldsBytes);
  return Math.min(conf.batchSizeBytes, batchHeaderBytes + countMax * headBytesMax);
}

function wake(waiters: (() => void)[]): void {
  for (const waiter of waiters.splice(0)) waiter();
}
