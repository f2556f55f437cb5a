// The producer's transaction, a small state machine around the coordinator's answers:
//
//   none -> begin -> open -(commit)-> ending -> none
//                     |                  | (the coordinator refuses, or cannot be reached)
//                     |                  v
//                     +-(a batch is lost, abort)-> failed -(abort)-> none, with a new epoch
//
// A topicPartition may be written to only after the coordinator knows of it; it is asked for all
// that are new in a turn at once. Nothing else is asked of it meanwhile: a topicPartition that is
// added behind the end would begin another transaction.

import type { Clock } from "../../platform/clock/clock.ts";
import { KafkaError } from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import { notTransactional, outsideTransaction } from "../producer-errors.ts";
import { type Deadline, deadlineIn } from "../retry.ts";
import type { Leaders } from "./leaders.ts";
import { type PartitionQueue, resetOrder } from "./partition-queue.ts";
import type { ProducerIds } from "./producer-ids.ts";
import { callError } from "./protocol-error.ts";
import type { BatchProducer } from "./record-batch.ts";

export interface TransactionOptions {
  readonly conf: ProducerConf;
  readonly clock: Clock;
  readonly leaders: Leaders;
  readonly ids: ProducerIds;
  /** Where the sealing of batches finds the producer's id. */
  readonly sealing: { producer: BatchProducer | undefined };
  /** TopicPartitions that were asked for may be written to now. */
  onWritable(): void;
  onFailure(error: KafkaError): void;
  onFatal(error: KafkaError): void;
}

export interface Transaction {
  readonly isOpen: boolean;
  acquireId(deadline: Deadline): Promise<void>;
  begin(): void;
  /** Why a record cannot be appended now; undefined when it can. */
  refusal(): KafkaError | undefined;
  /** Whether the topicPartition may be written to; if not, it is being asked for. */
  mayWrite(queue: PartitionQueue): boolean;
  fail(error: KafkaError): void;
  /** To be called when everything was flushed and settled. */
  commit(): Promise<void>;
  /** `settled` resolves when nothing is in flight any more. */
  abort(settled: () => Promise<void>): Promise<void>;
}

const fatalCodes = new Set([
  "PRODUCER_FENCED",
  "INVALID_PRODUCER_EPOCH",
  "INVALID_PRODUCER_ID_MAPPING",
  "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
]);

export function createTransaction(options: TransactionOptions): Transaction {
  const { conf, ids, leaders, sealing } = options;
  const isTransactional = conf.transactionalId !== undefined;
  let state: "none" | "open" | "failed" | "ending" = "none";
  let failure: KafkaError | undefined;
  let hasPartitions = false;
  /** TopicPartitions that are being asked for, or will be next. */
  const wanted = new Set<PartitionQueue>();
  let adding = Promise.resolve();

  function fail(error: KafkaError): void {
    if (fatalCodes.has(error.code)) {
      options.onFatal(error);
    }
    if (state !== "open") return;
    state = "failed";
    failure = error;
    options.onFailure(error);
  }

  /** Until there are none, for more may come while the coordinator is asked. */
  async function addWanted(): Promise<void> {
    while (wanted.size > 0 && state === "open") {
      const queues = [...wanted];
      hasPartitions = true;
      try {
        await ids.addPartitions(sealing.producer!, queues);
      } catch (error) {
        fail(callError("transaction coordinator", error));
        break;
      }
      for (const queue of queues) {
        queue.isInTransaction = true;
        wanted.delete(queue);
      }
      options.onWritable();
    }
    wanted.clear();
  }

  async function end(isCommit: boolean): Promise<void> {
    try {
      if (hasPartitions) await ids.end(sealing.producer!, isCommit);
    } catch (error) {
      const cause = callError("transaction coordinator", error);
      if (fatalCodes.has(cause.code)) options.onFatal(cause);
      throw cause;
    }
  }

  function leave(): void {
    state = "none";
    hasPartitions = false;
    failure = undefined;
    for (const queue of leaders.queues) queue.isInTransaction = false;
  }

  async function acquireId(deadline: Deadline): Promise<void> {
    sealing.producer = await ids.acquire(sealing.producer, deadline);
    for (const queue of leaders.queues) resetOrder(queue);
  }

  return {
    get isOpen() {
      return state !== "none";
    },
    acquireId,
    begin() {
      if (!isTransactional) throw notTransactional();
      if (state !== "none") throw new Error("a transaction is open already");
      state = "open";
    },
    refusal() {
      if (!isTransactional || state === "open") return undefined;
      return failure ?? outsideTransaction();
    },
    mayWrite(queue) {
      if (!isTransactional || queue.isInTransaction) return true;
      if (state !== "open") return false;
      wanted.add(queue);
      if (wanted.size === 1) adding = Promise.resolve().then(addWanted);
      return false;
    },
    fail,
    async commit() {
      if (state === "failed") throw failure!;
      if (state !== "open") throw outsideTransaction();
      state = "ending";
      try {
        await end(true);
      } catch (error) {
        state = "failed";
        failure = error as KafkaError;
        throw error;
      }
      leave();
    },
    async abort(settled) {
      if (state === "none") return;
      const wasFailed = state === "failed";
      fail(new KafkaError("TRANSACTION_ABORTED", "the transaction was aborted", false));
      await adding;
      await settled();
      await end(false);
      // Batches that were lost left gaps: a new epoch begins the order anew.
      if (wasFailed || hasPartitions) {
        await acquireId(deadlineIn(options.clock, conf.maxBlockMs));
      }
      leave();
    },
  };
}
