// The transactional and idempotent producer's talk with the cluster: its id and epoch, the
// partitions of a transaction, its end. The coordinator is looked up again whenever it says that it
// is not the coordinator (any more); "concurrent transactions" means that the last one is being
// completed, and is asked again soon.

import { type ClientEnvironment, KafkaError } from "../client.ts";
import type { BrokerAddress, ProducerConf } from "../conf/types.ts";
import { type Deadline, deadlineIn, retrying } from "../retry.ts";
import { callBroker, callTolerant } from "./api-calls.ts";
import type { Ask, Control } from "./control.ts";
import type { PartitionQueue } from "./partition-queue.ts";
import { brokerError } from "./protocol-error.ts";
import type { BatchProducer } from "./record-batch.ts";
import { wireApi } from "./wire-api.ts";

export interface ProducerIds {
  /** A producer id; with `previous`, the next epoch of it (fences what was open). */
  acquire(previous: BatchProducer | undefined, deadline: Deadline): Promise<BatchProducer>;
  /** Tells the coordinator that the transaction writes to these. */
  addPartitions(producer: BatchProducer, queues: readonly PartitionQueue[]): Promise<void>;
  end(producer: BatchProducer, isCommit: boolean): Promise<void>;
}

/** FindCoordinator's kind of key for a transactional.id. */
const transactionKey = 1;
/** The Java client's pause before it asks again after CONCURRENT_TRANSACTIONS. */
const concurrentPauseMs = 20;

const coordinatorMoved = new Set([
  "NOT_COORDINATOR",
  "COORDINATOR_NOT_AVAILABLE",
  "COORDINATOR_LOAD_IN_PROGRESS",
  "NETWORK_EXCEPTION",
  "REQUEST_TIMED_OUT",
]);

export function createProducerIds(
  control: Control,
  conf: ProducerConf,
  environment: ClientEnvironment,
): ProducerIds {
  const { clock } = environment;
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  let coordinator: BrokerAddress | undefined;

  async function find(id: string, deadline: Deadline): Promise<BrokerAddress> {
    const answer = await control.askAny(deadline, (connection) =>
      callTolerant(connection, wireApi.findCoordinator, transactionKey, [id]),
    );
    const found = answer.coordinators[0];
    if (found === undefined) throw brokerError(15);
    if (found.errorCode !== 0) throw brokerError(found.errorCode, found.errorMessage);
    return { host: found.host, port: found.port };
  }

  /**
   * Right after a transaction its markers are still being written: the Java client asks again too.
   */
  async function askUntilFree<Answer>(
    address: BrokerAddress,
    deadline: Deadline,
    ask: Ask<Answer>,
  ): Promise<Answer> {
    for (;;) {
      try {
        return await control.askAt(address, deadline, ask);
      } catch (error) {
        const isBusy = error instanceof KafkaError && error.code === "CONCURRENT_TRANSACTIONS";
        if (!isBusy || clock.nowUs() >= deadline.untilUs) throw error;
        await clock.sleep(concurrentPauseMs, deadline.signal);
      }
    }
  }

  function askCoordinator<Answer>(deadline: Deadline, ask: Ask<Answer>): Promise<Answer> {
    const id = conf.transactionalId!;
    const once = async () => {
      try {
        coordinator ??= await find(id, deadline);
        return await askUntilFree(coordinator, deadline, ask);
      } catch (error) {
        if (!(error instanceof KafkaError) || !coordinatorMoved.has(error.code)) throw error;
        coordinator = undefined;
        throw new KafkaError(error.code, error.message, true, error);
      }
    };
    return retrying(clock, backoff, deadline, once);
  }

  const inMaxBlock = () => deadlineIn(clock, conf.maxBlockMs);

  return {
    async acquire(previous, deadline) {
      const id = conf.transactionalId;
      const ask: Ask<{ producerId: bigint; producerEpoch: number }> = (connection) =>
        callBroker(
          connection,
          wireApi.initProducerId,
          id ?? null,
          id === undefined ? 0x7fffffff : conf.transactionTimeoutMs,
          previous?.producerId ?? -1n,
          previous?.producerEpoch ?? -1,
        );
      const answer = await (id === undefined
        ? control.askAny(deadline, ask)
        : askCoordinator(deadline, ask));
      const { producerId, producerEpoch } = answer;
      return { producerId, producerEpoch, transactional: id !== undefined };
    },
    async addPartitions(producer, queues) {
      const byTopic = new Map<string, number[]>();
      for (const { topic, topicPartition } of queues) {
        byTopic.set(topic.name, [...(byTopic.get(topic.name) ?? []), topicPartition]);
      }
      const transaction = {
        transactionalId: conf.transactionalId!,
        producerId: producer.producerId,
        producerEpoch: producer.producerEpoch,
        verifyOnly: false,
        topics: [...byTopic].map(([name, partitions]) => ({ name, partitions })),
      };
      await askCoordinator(inMaxBlock(), (connection) =>
        callBroker(connection, wireApi.addPartitionsToTxn, [transaction]),
      );
    },
    async end(producer, isCommit) {
      await askCoordinator(inMaxBlock(), (connection) =>
        callBroker(
          connection,
          wireApi.endTxn,
          conf.transactionalId!,
          producer.producerId,
          producer.producerEpoch,
          isCommit,
        ),
      );
    },
  };
}
