// The kafkajs producer behind ours: connecting within a bound, transactions, and a fresh producer
// id when kafkajs has lost track. After a call whose fate is unknown kafkajs gives the next batch
// the same sequence numbers, which a broker would take for a duplicate and acknowledge without
// writing it; so such a producer is left and a new one takes its place.

import type { Producer as KafkajsProducer, ProducerBatch, Transaction } from "kafkajs";
import type { ClientEnvironment } from "../client.ts";
import { KafkaError } from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import { type Deadline, deadlineIn, retrying, within } from "../retry.ts";
import { backoff, createConnector, type KafkajsModule, retriesWithin } from "./connect.ts";
import { toKafkaError } from "./kafkajs-error.ts";
import type { Batch } from "./producer-queues.ts";

export interface LedPartition {
  readonly partitionId: number;
  readonly leader: number;
}

export interface ProducerSession {
  /** Connects, learns the topics' partitions, gets a producer id. Rejects with a KafkaError. */
  start(topics: readonly string[], deadline: Deadline): Promise<Map<string, LedPartition[]>>;
  /** kafkajs's partitioner: by key, else in turn. */
  choosePartition(topic: string, partitions: LedPartition[], key: Buffer | undefined): number;
  /** Sends batches of different topicPartitions in one call. */
  send(batches: readonly Batch[]): Promise<KafkaError | undefined>;
  begin(): void;
  commit(): Promise<void>;
  abort(): Promise<void>;
  /** Has the next call begin with a new producer, in a new epoch of a transactional.id. */
  leaveProducer(): void;
  close(timeoutMs: number): Promise<void>;
}

/** A producer that was left is disconnected when its last call has ended. */
interface Generation {
  readonly producer: KafkajsProducer;
  calls: number;
  isLeft: boolean;
}

export function createProducerSession(
  conf: ProducerConf,
  environment: ClientEnvironment,
): ProducerSession {
  const { clock } = environment;
  const connector = createConnector(conf, environment);
  const pauses = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  let module: KafkajsModule | undefined;
  let partitioner: ReturnType<KafkajsModule["Partitioners"]["DefaultPartitioner"]> | undefined;
  let opening: Promise<Generation> | undefined;
  let generation: Generation | undefined;
  let transaction: Promise<Transaction> | undefined;

  const explain = (error: unknown) => toKafkaError(error, connector.errorContext);

  async function openProducer(): Promise<Generation> {
    module ??= await connector.load();
    const retries = Math.min(conf.retries, retriesWithin(conf, conf.deliveryTimeoutMs));
    const retry = { ...backoff(conf), retries };
    const producer = connector.kafka(module, retry).producer({
      createPartitioner: () => (args) => args.message.partition!,
      allowAutoTopicCreation: false,
      metadataMaxAge: conf.metadataMaxAgeMs,
      maxInFlightRequests: conf.maxInFlight,
      idempotent: conf.idempotence,
      transactionTimeout: conf.transactionTimeoutMs,
      ...(conf.transactionalId === undefined ? {} : { transactionalId: conf.transactionalId }),
    });
    await producer.connect();
    // Getting the id of a transactional producer is part of its first transaction.
    if (conf.transactionalId !== undefined) await (await producer.transaction()).abort();
    return { producer, calls: 0, isLeft: false };
  }

  async function current(): Promise<Generation> {
    if (generation !== undefined) return generation;
    opening ??= openProducer().finally(() => {
      opening = undefined;
    });
    generation = await opening;
    return generation;
  }

  function leaveProducer(): void {
    const left = generation;
    if (left === undefined) return;
    generation = undefined;
    transaction = undefined;
    left.isLeft = true;
    disconnectIfIdle(left);
  }

  function disconnectIfIdle(left: Generation): void {
    if (left.isLeft && left.calls === 0) left.producer.disconnect().catch(() => {});
  }

  /** One try after the other by a client without retries of its own, so that each error is seen. */
  async function learnTopics(
    topics: readonly string[],
    deadline: Deadline,
  ): Promise<Map<string, LedPartition[]>> {
    const loaded = await connector.load();
    module = loaded;
    partitioner = loaded.Partitioners.DefaultPartitioner();
    const attempt = async () => {
      const admin = connector.kafka(loaded).admin();
      try {
        await admin.connect();
        const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
        return new Map(found.map(({ name, partitions }) => [name, sorted(partitions)]));
      } catch (error) {
        throw explain(error);
      } finally {
        admin.disconnect().catch(() => {});
      }
    };
    return await retrying(clock, pauses, deadline, attempt);
  }

  async function sendOnce(batches: readonly Batch[]): Promise<KafkaError | undefined> {
    try {
      const request = requestOf(batches, conf, module!);
      if (conf.transactionalId !== undefined) {
        await (await transaction)!.sendBatch(request);
        return undefined;
      }
      const used = await current();
      used.calls++;
      try {
        await used.producer.sendBatch(request);
      } finally {
        used.calls--;
        disconnectIfIdle(used);
      }
      return undefined;
    } catch (error) {
      return explain(error);
    }
  }

  return {
    async start(topics, deadline) {
      const timedOut = () =>
        new KafkaError(
          "REQUEST_TIMED_OUT",
          `${connector.errorContext.brokers}: not ready within max.block.ms (${conf.maxBlockMs})`,
          true,
        );
      const learning = learnTopics(topics, deadline);
      const partitions = await within(clock, deadline, timedOut, learning);
      const ready = current().catch((error) => Promise.reject(explain(error)));
      await within(clock, deadline, timedOut, ready);
      return partitions;
    },
    choosePartition(topic, partitionMetadata, key) {
      const metadata = partitionMetadata as Parameters<
        NonNullable<typeof partitioner>
      >[0]["partitionMetadata"];
      const message = { value: null, ...(key === undefined ? {} : { key }) };
      return partitioner!({ topic, partitionMetadata: metadata, message });
    },
    async send(batches) {
      const { untilUs } = deadlineIn(clock, conf.deliveryTimeoutMs);
      for (;;) {
        const error = await sendOnce(batches);
        // The last transaction is still being completed: nothing was sent, kafkajs does not wait.
        if (error?.code !== "CONCURRENT_TRANSACTIONS" || clock.nowUs() > untilUs) return error;
        await clock.sleep(Math.max(1, conf.retryBackoffMs));
      }
    },
    begin() {
      transaction = current().then(({ producer }) => producer.transaction());
      transaction.catch(() => {});
    },
    async commit() {
      const open = transaction;
      transaction = undefined;
      try {
        await (await open)?.commit();
      } catch (error) {
        throw explain(error);
      }
    },
    async abort() {
      const open = transaction;
      transaction = undefined;
      try {
        const ended = await open?.then((begun) => begun.abort()).then(() => true);
        if (ended) return;
      } catch (error) {
        environment.log.debug("kafkajs could not abort", { error: explain(error).message });
      }
      // A new epoch aborts what the old one left open.
      leaveProducer();
      await current().catch((error) => Promise.reject(explain(error)));
    },
    leaveProducer,
    async close(timeoutMs) {
      const ended = new AbortController();
      const disconnecting = generation?.producer.disconnect().catch(() => {});
      await Promise.race([disconnecting, clock.sleep(timeoutMs, ended.signal)]);
      ended.abort();
      connector.destroy();
    },
  };
}

function requestOf(
  batches: readonly Batch[],
  conf: ProducerConf,
  module: KafkajsModule,
): ProducerBatch {
  const byTopic = new Map<string, Batch["messages"]>();
  for (const { queue, messages } of batches) {
    const known = byTopic.get(queue.topic);
    if (known === undefined) byTopic.set(queue.topic, [...messages]);
    else for (const message of messages) known.push(message);
  }
  return {
    acks: conf.acks,
    timeout: conf.requestTimeoutMs,
    compression:
      conf.compression === "gzip" ? module.CompressionTypes.GZIP : module.CompressionTypes.None,
    topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })),
  };
}

function sorted(partitions: readonly LedPartition[]): LedPartition[] {
  return [...partitions].sort((a, b) => a.partitionId - b.partitionId);
}
