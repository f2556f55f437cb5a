// The three kinds of connections that are kept: each opens a client, uses it at every refresh, and
// closes it. What goes wrong is thrown; whoever refreshes closes the client and opens it anew.

import { type KafkaClients, KafkaError, type RecordSource } from "../../../kafka/client.ts";
import type { AdminConf, ConsumerConf, ProducerConf } from "../../../kafka/conf/types.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Log } from "../../../platform/log/log.ts";

export type ConnectionKind = "producer" | "consumer" | "metadata";

/** A client that is open. */
export interface OpenClient {
  /** Uses the connection once. */
  refresh(): Promise<void>;
  close(timeoutMs: number): Promise<void>;
}

export interface ConnectionSetup {
  readonly clients: KafkaClients;
  readonly confs: {
    readonly admin: AdminConf;
    readonly producer: ProducerConf;
    readonly consumer: ConsumerConf;
  };
  readonly topic: string;
  /** A source for each producer: each begins at position 0. */
  createSource(): RecordSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** How long a consumer may take records at each refresh. */
export const POLL_MS = 50;

export type Open = (kind: ConnectionKind) => Promise<OpenClient>;

export function createOpen(setup: ConnectionSetup): Open {
  let partitions: Promise<readonly number[]> | undefined;

  /** Asked for once, again after a failure. */
  function partitionsOf(): Promise<readonly number[]> {
    partitions ??= describe(setup).catch((error: unknown) => {
      partitions = undefined;
      throw error;
    });
    return partitions;
  }

  return async (kind) => {
    if (kind === "metadata") return openAdmin(setup);
    const shuffled = shuffle(await partitionsOf());
    return kind === "producer" ? openProducer(setup, shuffled) : openConsumer(setup, shuffled[0]!);
  };
}

async function describe({ clients, confs, topic, ...setup }: ConnectionSetup): Promise<number[]> {
  const admin = clients.admin(confs.admin, setup);
  try {
    const found = (await admin.describeTopics([topic], setup.signal)).get(topic);
    if (found instanceof KafkaError) throw found;
    if (found !== undefined && found.partitions.length > 0) return [...found.partitions];
    const message = `topic "${topic}" does not exist`;
    throw new KafkaError("UNKNOWN_TOPIC_OR_PARTITION", message, true);
  } finally {
    await admin.close();
  }
}

function openAdmin({ clients, confs, signal, ...setup }: ConnectionSetup): OpenClient {
  const admin = clients.admin(confs.admin, setup);
  return {
    async refresh() {
      await admin.describeTopics([], signal);
    },
    close: () => admin.close(),
  };
}

/** Sends one record to the next partition and waits for its acknowledgement. */
async function openProducer(
  { clients, confs, topic, signal, ...setup }: ConnectionSetup,
  partitions: readonly number[],
): Promise<OpenClient> {
  const producer = clients.producer(confs.producer, setup.createSource(), setup);
  let failure: KafkaError | undefined;
  let position = 0;
  producer.onOutcome = ({ error }) => {
    failure = error;
  };
  const client: OpenClient = {
    async refresh() {
      failure = undefined;
      const topicPartition = partitions[position % partitions.length]!;
      while (!producer.send(topic, topicPartition, position, setup.clock.nowUs())) {
        await producer.room();
      }
      position += 1;
      producer.flush();
      await producer.settled();
      const error = failure ?? producer.fatalError;
      if (error !== undefined) throw error;
    },
    close: (timeoutMs) => producer.close(timeoutMs),
  };
  return await started(client, () => producer.start([topic], signal));
}

/** Goes to the end of one partition and takes what comes within 50 ms. */
async function openConsumer(
  { clients, confs, topic, signal, ...setup }: ConnectionSetup,
  topicPartition: number,
): Promise<OpenClient> {
  const consumer = clients.consumer(confs.consumer, setup);
  const assigned = [{ topic, topicPartition }];
  consumer.onRecords = (records) => {
    while (records.next());
  };
  const client: OpenClient = {
    async refresh() {
      if (consumer.fatalError !== undefined) throw consumer.fatalError;
      const [end = 0] = await consumer.offsets(assigned, "latest", signal);
      consumer.seek(topic, topicPartition, end);
      consumer.resume();
      await setup.clock.sleep(POLL_MS, signal);
      consumer.pause();
      if (consumer.fatalError !== undefined) throw consumer.fatalError;
    },
    close: (timeoutMs) => consumer.close(timeoutMs),
  };
  consumer.pause();
  return await started(client, () => consumer.assign(assigned, signal));
}

/** A client that cannot begin is closed. */
async function started(client: OpenClient, start: () => Promise<void>): Promise<OpenClient> {
  try {
    await start();
    return client;
  } catch (error) {
    await client.close(0);
    throw error;
  }
}

function shuffle(numbers: readonly number[]): number[] {
  const result = [...numbers];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
