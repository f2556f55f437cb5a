// The Consumer over kafkajs: what an application on that library would see. kafkajs reads only as a
// member of a group, so topicPartitions that the caller has chosen are read by the single member of
// a group of its own.

import type { EachBatchPayload, Consumer as KafkajsConsumer } from "kafkajs";
import { type ClientEnvironment, type Consumer, KafkaError } from "../client.ts";
import type { ConsumerConf } from "../conf/types.ts";
import { noGroup, sinkError } from "../consumer-errors.ts";
import { backoffAfter, type Deadline, deadlineIn, retryingWithin } from "../retry.ts";
import { chosenAssigner, sharingAssigner } from "./assigners.ts";
import { backoff, createConnector } from "./connect.ts";
import { createConsumerOffsets } from "./consumer-offsets.ts";
import { createConsumerProgress } from "./consumer-progress.ts";
import { toKafkaError } from "./kafkajs-error.ts";
import { createMessageCursor, type MessageCursor } from "./message-cursor.ts";

/** How long to leave a sink alone that takes nothing or is paused. */
const pauseMs = 10;
const libraryRetries = 5;
const unknownTopic = "UNKNOWN_TOPIC_OR_PARTITION";

export function createConsumer(conf: ConsumerConf, environment: ClientEnvironment): Consumer {
  const { clock } = environment;
  const connector = createConnector(conf, environment);
  const pauses = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  const progress = createConsumerProgress();
  const lookUp = createConsumerOffsets(conf, connector, environment);
  const ended = new AbortController();
  const groupId = conf.groupId ?? `trogdor-${crypto.randomUUID()}`;
  let library: KafkajsConsumer | undefined;
  let fatalError: KafkaError | undefined;
  let lastError: KafkaError | undefined;
  let isPaused = false;
  /** The library seeks only once it runs; until then it delivers nothing of what was sought. */
  let isRunning = false;
  const seeks: { topic: string; partition: number; offset: string }[] = [];
  let memberId: string | undefined;
  let topicNames = "";
  let goneSinceUs: number | undefined;
  let rebalances = 0;

  const explain = (error: unknown) => toKafkaError(error, connector.errorContext);

  function onError(error: KafkaError): void {
    if (ended.signal.aborted) return;
    lastError = error;
    consumer.onError(error);
    if (error.code === unknownTopic && rebalances > 0) noteAbsence(error);
  }

  /** A topic that was there and is gone ends the consumer when it does not come back. */
  function noteAbsence(error: KafkaError): void {
    const nowUs = clock.nowUs();
    goneSinceUs ??= nowUs;
    if (nowUs - goneSinceUs < conf.defaultApiTimeoutMs * 1000) return;
    const message =
      `${topicNames} were deleted while they were consumed, or one of them, and did not come back` +
      ` within default.api.timeout.ms (${conf.defaultApiTimeoutMs})`;
    fail(new KafkaError(unknownTopic, message, false, error));
  }

  function fail(error: KafkaError): void {
    if (fatalError !== undefined || ended.signal.aborted) return;
    fatalError = error;
    void library?.stop().catch(() => {});
    consumer.onError(error);
    consumer.onFatal(error);
  }

  /** One lot of a batch for the sink; false: it took nothing. */
  async function handOver(cursor: MessageCursor, payload: EachBatchPayload): Promise<boolean> {
    const { topic, partition } = payload.batch;
    const before = cursor.nextOffset;
    cursor.allow(conf.maxPollRecords);
    const working = consumer.onRecords(cursor);
    if (working !== undefined) await beatWhile(working, payload);
    const { nextOffset } = cursor;
    if (nextOffset === undefined || nextOffset === before) return false;
    payload.resolveOffset(String(nextOffset - 1));
    progress.taken(topic, partition, nextOffset);
    return true;
  }

  async function beatWhile(working: Promise<void>, payload: EachBatchPayload): Promise<void> {
    let isDone = false;
    const done = working.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await Promise.race([done, clock.sleep(conf.heartbeatIntervalMs)]);
      if (!isDone) await payload.heartbeat().catch(() => {});
    }
    await done;
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { topic, partition } = batch;
    progress.ended(topic, partition, Number(batch.highWatermark));
    lastError = undefined;
    goneSinceUs = undefined;
    const cursor = createMessageCursor(topic, partition, batch.messages, clock.nowUs());
    const isWanted = () =>
      fatalError === undefined &&
      !ended.signal.aborted &&
      payload.isRunning() &&
      !payload.isStale();
    try {
      while (!cursor.isAtEnd && isWanted()) {
        const hasTaken = !isPaused && seeks.length === 0 && (await handOver(cursor, payload));
        if (!hasTaken) await clock.sleep(pauseMs, ended.signal);
        await payload.heartbeat();
      }
    } catch (error) {
      if (error instanceof Error && error.name.startsWith("KafkaJS")) throw error;
      fail(sinkError(error));
      return;
    }
    if (cursor.isAtEnd && isWanted()) {
      // Control batches and holes of a compacted log lie behind the last message.
      payload.resolveOffset(batch.lastOffset());
      progress.taken(topic, partition, Number(batch.lastOffset()) + 1);
    }
    await payload.commitOffsetsIfNecessary();
  }

  function listen(to: KafkajsConsumer): void {
    to.on(to.events.GROUP_JOIN, ({ payload }) => {
      memberId = payload.memberId;
      rebalances += 1;
      const next = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((topicPartition) => ({ topic, topicPartition })),
      );
      const { added, removed } = progress.assign(next);
      if (removed.length > 0) consumer.onRebalance({ kind: "revoked", topicPartitions: removed });
      consumer.onRebalance({ kind: "assigned", topicPartitions: added });
    });
    to.on(to.events.CRASH, ({ payload }) => {
      const error = explain(payload.error);
      if (payload.restart && error.code !== "UNSUPPORTED_COMPRESSION_TYPE") onError(error);
      else fail(error);
    });
    to.on(to.events.REQUEST_TIMEOUT, ({ payload }) => {
      const message = `${payload.broker}: no answer to ${payload.apiName} in time`;
      onError(new KafkaError("REQUEST_TIMED_OUT", message, true));
    });
  }

  async function open(assigners: Parameters<typeof makeConsumer>[0], deadline: Deadline) {
    const { brokers } = connector.errorContext;
    const late = () => new KafkaError("REQUEST_TIMED_OUT", `${brokers}: no answer in time`, true);
    library = await retryingWithin(clock, pauses, deadline, late, async () => {
      try {
        const made = await makeConsumer(assigners);
        await made.connect();
        return made;
      } catch (error) {
        throw explain(error);
      }
    });
    listen(library);
    return library;
  }

  async function makeConsumer(partitionAssigners: ReturnType<typeof sharingAssigner>[]) {
    const module = await connector.load();
    const retry = { ...backoff(conf), retries: libraryRetries };
    return connector.kafka(module, retry).consumer({
      groupId,
      partitionAssigners,
      sessionTimeout: conf.sessionTimeoutMs,
      rebalanceTimeout: conf.maxPollIntervalMs,
      heartbeatInterval: conf.heartbeatIntervalMs,
      metadataMaxAge: conf.metadataMaxAgeMs,
      maxBytesPerPartition: conf.maxPartitionFetchBytes,
      minBytes: conf.fetchMinBytes,
      maxBytes: conf.fetchMaxBytes,
      maxWaitTimeInMs: conf.fetchMaxWaitMs,
      allowAutoTopicCreation: conf.allowAutoCreateTopics,
      readUncommitted: !conf.readCommitted,
      rackId: conf.clientRack,
      retry: { ...retry, restartOnFailure: async () => !ended.signal.aborted },
    });
  }

  /** Topics that are missing are waited for. */
  async function run(to: KafkajsConsumer, topics: readonly string[]): Promise<void> {
    topicNames = `topics ${topics.map((name) => `"${name}"`).join(", ")}`;
    const fromBeginning = conf.offsetReset === "earliest";
    for (let failures = 1; !ended.signal.aborted; failures++) {
      try {
        await to.subscribe({ topics: [...topics], fromBeginning });
        lastError = undefined;
        break;
      } catch (error) {
        const cause = explain(error);
        const message = `${topicNames}: ${cause.message}`;
        onError(new KafkaError(cause.code, message, true, cause));
        await clock.sleep(backoffAfter(pauses, failures), ended.signal);
      }
    }
    if (ended.signal.aborted) return;
    await to.run({
      autoCommit: conf.autoCommit,
      autoCommitInterval: conf.autoCommitIntervalMs,
      eachBatchAutoResolve: false,
      eachBatch,
    });
    isRunning = true;
    for (const target of seeks.splice(0)) to.seek(target);
  }

  const runInBackground = (to: KafkajsConsumer, topics: readonly string[]) =>
    void run(to, topics).catch((error: unknown) => fail(explain(error)));

  const consumer: Consumer = {
    onRecords: () => {},
    onRebalance: () => {},
    onError: () => {},
    onFatal: () => {},
    async subscribe(topics, signal) {
      if (conf.groupId === undefined) throw noGroup();
      const deadline = deadlineIn(clock, conf.defaultApiTimeoutMs, signal);
      const names = conf.assignors.filter((name) => name === "range" || name === "roundrobin");
      runInBackground(await open(names.map(sharingAssigner), deadline), topics);
    },
    async assign(topicPartitions, signal) {
      const deadline = deadlineIn(clock, conf.defaultApiTimeoutMs, signal);
      await lookUp.untilKnown(topicPartitions, deadline);
      const topics = [...new Set(topicPartitions.map(({ topic }) => topic))];
      runInBackground(await open([chosenAssigner(topicPartitions)], deadline), topics);
    },
    progress: progress.all,
    get lagRecords() {
      return progress.lag();
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
    },
    seek(topic, topicPartition, offset) {
      progress.taken(topic, topicPartition, offset);
      const target = { topic, partition: topicPartition, offset: String(offset) };
      if (isRunning) library?.seek(target);
      else seeks.push(target);
    },
    offsets(topicPartitions, query, signal) {
      const deadline = deadlineIn(clock, conf.defaultApiTimeoutMs, signal);
      return lookUp.offsets(topicPartitions, query, deadline);
    },
    async commit() {
      if (conf.groupId === undefined) throw noGroup();
      const offsets = progress
        .all()
        .flatMap(({ topic, topicPartition, position }) =>
          position === undefined
            ? []
            : [{ topic, partition: topicPartition, offset: String(position) }],
        );
      try {
        await library?.commitOffsets(offsets);
      } catch (error) {
        throw explain(error);
      }
    },
    get membership() {
      if (conf.groupId === undefined || memberId === undefined) return undefined;
      return { groupId, memberId, epoch: -1, rebalances };
    },
    get trouble() {
      return fatalError ?? lastError;
    },
    get fatalError() {
      return fatalError;
    },
    async close(timeoutMs) {
      ended.abort();
      await Promise.race([library?.disconnect(), clock.sleep(timeoutMs)]).catch(() => {});
      await lookUp.close();
      connector.destroy();
    },
  };
  return consumer;
}
