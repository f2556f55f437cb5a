// The transaction's state machine against a coordinator that answers when the test says so.

import { beforeEach, describe, expect, test } from "bun:test";
import { KafkaError } from "../client.ts";
import { environment, producerConf } from "../conformance/test-load.suite.ts";
import type { Leaders } from "./leaders.ts";
import { createPartitionQueue, type PartitionQueue } from "./partition-queue.ts";
import type { BatchProducer } from "./record-batch.ts";
import { createTransaction, type Transaction } from "./transaction.ts";

const fenced = new KafkaError("PRODUCER_FENCED", "fenced", false);
const unauthorized = new KafkaError("TOPIC_AUTHORIZATION_FAILED", "not allowed", false);
const settled = () => Promise.resolve();

/** Lets everything go on that waits for nothing outside. */
async function turn(): Promise<void> {
  for (let step = 0; step < 20; step++) await Promise.resolve();
}

describe("a transaction", () => {
  let queues: PartitionQueue[];
  let transaction: Transaction;
  /** What the coordinator was asked, in order. */
  let asked: string[];
  /** The answers to AddPartitionsToTxn that are still to come. */
  let adds: PromiseWithResolvers<void>[];
  let endError: KafkaError | undefined;
  let fatal: KafkaError[];
  let failures: KafkaError[];

  beforeEach(async () => {
    const topic = { name: "t", nameBytes: new Uint8Array(0), queues: [] };
    queues = [0, 1, 2].map((index) => createPartitionQueue(topic, index));
    asked = [];
    adds = [];
    endError = undefined;
    fatal = [];
    failures = [];
    const sealing: { producer: BatchProducer | undefined } = { producer: undefined };
    transaction = createTransaction({
      conf: await producerConf({ "bootstrap.servers": "b:1", "transactional.id": "id" }),
      clock: environment.clock,
      leaders: { queues } as unknown as Leaders,
      sealing,
      ids: {
        async acquire(previous) {
          asked.push("acquire");
          const producerEpoch = (previous?.producerEpoch ?? -1) + 1;
          return { producerId: 1n, producerEpoch, transactional: true };
        },
        addPartitions(_producer, added) {
          asked.push(`add ${added.map(({ topicPartition }) => topicPartition)}`);
          const answer = Promise.withResolvers<void>();
          adds.push(answer);
          return answer.promise;
        },
        async end(_producer, isCommit) {
          asked.push(isCommit ? "commit" : "abort");
          if (endError !== undefined) throw endError;
        },
      },
      onWritable: () => {},
      onFailure: (error) => failures.push(error),
      onFatal: (error) => fatal.push(error),
    });
    await transaction.acquireId({ untilUs: Number.POSITIVE_INFINITY });
    asked = [];
    transaction.begin();
  });

  const mayWrite = (...indexes: number[]) => indexes.map((at) => transaction.mayWrite(queues[at]!));

  test("asks for all topicPartitions of a turn at once, for later ones afterwards", async () => {
    expect(mayWrite(0, 1, 0)).toEqual([false, false, false]);
    await turn();
    expect(mayWrite(2, 0)).toEqual([false, false]);
    await turn();
    expect(asked).toEqual(["add 0,1"]);
    adds[0]!.resolve();
    await turn();
    expect(mayWrite(0, 1, 2)).toEqual([true, true, false]);
    expect(asked).toEqual(["add 0,1", "add 2"]);
    adds[1]!.resolve();
    await turn();
    expect(mayWrite(0, 1, 2)).toEqual([true, true, true]);
  });

  test("that is aborted ends only after what it was asking is answered", async () => {
    mayWrite(0);
    await turn();
    const aborted = transaction.abort(settled);
    await turn();
    expect(asked).toEqual(["add 0"]);
    adds[0]!.resolve();
    await aborted;
    expect(asked).toEqual(["add 0", "abort", "acquire"]);
    transaction.begin();
    expect(mayWrite(0)).toEqual([false]);
    await turn();
    expect(asked.at(-1)).toBe("add 0");
  });

  test("asks again for what an earlier one could not get", async () => {
    mayWrite(0);
    await turn();
    mayWrite(1);
    adds[0]!.reject(unauthorized);
    await turn();
    expect(failures).toEqual([unauthorized]);
    expect(mayWrite(2)).toEqual([false]);
    await transaction.abort(settled);
    transaction.begin();
    mayWrite(1);
    await turn();
    expect(asked).toEqual(["add 0", "abort", "acquire", "add 1"]);
  });

  test("is not committed when a batch was lost, but aborted, with a new epoch", async () => {
    const lost = new KafkaError("TIMED_OUT", "late", false);
    transaction.fail(lost);
    expect(transaction.refusal()).toBe(lost);
    await expect(transaction.commit()).rejects.toBe(lost);
    await transaction.abort(settled);
    expect([transaction.isOpen, asked]).toEqual([false, ["acquire"]]);
  });

  test("takes no records while it ends, and can be aborted when that fails", async () => {
    mayWrite(0);
    await turn();
    adds[0]!.resolve();
    await turn();
    endError = new KafkaError("REQUEST_TIMED_OUT", "late", true);
    const committed = transaction.commit();
    expect(transaction.refusal()?.code).toBe("INVALID_TXN_STATE");
    await expect(committed).rejects.toBe(endError);
    endError = undefined;
    await transaction.abort(settled);
    expect(asked).toEqual(["add 0", "commit", "abort", "acquire"]);
  });

  test("ends the producer when another one has its id", async () => {
    mayWrite(0);
    await turn();
    adds[0]!.reject(fenced);
    await turn();
    expect(fatal).toEqual([fenced]);
  });
});
