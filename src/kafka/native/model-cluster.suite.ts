// A cluster of three model brokers behind the producer's Control interface: no socket, all
// randomness from one seed, time from the test's timers. Connections keep the order of their
// requests as real ones do, and everything that can go wrong between a producer and a broker goes
// wrong at times.

import type { MetadataResponse } from "@kafka-wire/apis/metadata/metadata-v12.js";
import { KafkaError } from "../client.ts";
import type { Control } from "./control.ts";
import { calm, type Mishaps } from "./mishaps.suite.ts";
import { createModelConnection } from "./model-connection.suite.ts";
import {
  createModelPartition,
  type ModelBatch,
  type ModelPartition,
} from "./model-partition.suite.ts";
import {
  type PartAnswer,
  type ProducePart,
  readProduceFrame,
  writeProduceAnswer,
} from "./produce-frames.suite.ts";
import { networkError } from "./protocol-error.ts";
import type { Session } from "./session.ts";

export const topicName = "t";
const brokerIds = [1, 2, 3];

export interface ModelCluster {
  readonly control: Control;
  readonly partitions: readonly ModelPartition[];
  /** Nothing goes wrong any more. */
  heal(): void;
  /** Timers of the model itself that are set now. */
  readonly timerCount: number;
}

export interface ModelOptions {
  readonly partitionCount: number;
  readonly requestTimeoutMs: number;
  readonly mishaps: Mishaps;
  /** What a new producer gets. */
  readonly producerEpoch: number;
  /** Larger batches are refused. */
  readonly batchBytesMax: number;
  readonly random: () => number;
  trace(line: string): void;
  /** A broker got a Produce request. */
  onFrame(frame: Uint8Array): void;
}

const code = {
  requestTimedOut: 7,
  notLeader: 6,
  messageTooLarge: 10,
  invalidRecord: 87,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  storageError: 56,
} as const;

export function createModelCluster(options: ModelOptions): ModelCluster {
  const { random, trace } = options;
  let { mishaps } = options;
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const happens = (chance: number) => random() < chance;
  const partitions = Array.from({ length: options.partitionCount }, () =>
    createModelPartition(pick(brokerIds)),
  );

  function answerFor(brokerId: number, part: ProducePart): PartAnswer {
    const errorCode = appendPart(brokerId, part);
    const { firstSequence, producerEpoch } = part.batch;
    const where = `p${part.topicPartition}@${brokerId}`;
    trace(`${where} epoch ${producerEpoch} sequence ${firstSequence}: ${errorCode}`);
    return { topic: part.topic, topicPartition: part.topicPartition, errorCode };
  }

  function appendPart(brokerId: number, { topicPartition, batch }: ProducePart): number {
    const partition = partitions[topicPartition]!;
    if (partition.leaderId !== brokerId) return code.notLeader;
    if (happens(mishaps.rejection)) return code.invalidRecord;
    if (batch.length > options.batchBytesMax) return code.messageTooLarge;
    if (happens(mishaps.refusal)) return pick([code.notEnoughReplicas, code.storageError]);
    const appended = partition.append(toModel(batch));
    if (appended !== 0) return appended;
    if (happens(mishaps.refusal)) {
      return pick([code.notEnoughReplicasAfterAppend, code.requestTimedOut]);
    }
    partition.commit();
    return 0;
  }

  function process(brokerId: number, frame: Uint8Array): Uint8Array {
    options.onFrame(frame);
    let answers = readProduceFrame(frame).map((part) => answerFor(brokerId, part));
    if (happens(mishaps.move)) {
      const partition = pick(partitions);
      partition.moveTo(pick(brokerIds), random);
      trace(`p${partitions.indexOf(partition)} moved to ${partition.leaderId}`);
    }
    if (happens(mishaps.answer)) answers = answers.slice(1);
    const answer = writeProduceAnswer(answers, happens(mishaps.answer) ? 30 : 0);
    return happens(mishaps.answer) ? answer.subarray(0, answer.byteLength / 2) : answer;
  }

  let timerCount = 0;
  function later(ms: number, work: () => void): void {
    timerCount += 1;
    setTimeout(() => {
      timerCount -= 1;
      work();
    }, ms);
  }

  /** A way to a broker, which may fail. */
  async function wayTo(name: string): Promise<void> {
    await new Promise<void>((resolve) => later(1 + random() * 20, resolve));
    if (happens(mishaps.connection)) throw networkError(name, "refused");
  }

  function metadata(): MetadataResponse {
    const described = partitions.map(({ leaderId }, partitionIndex) => ({
      partitionIndex,
      leaderId: happens(mishaps.move) ? pick([...brokerIds, -1]) : leaderId,
    }));
    const topics = [{ name: topicName, errorCode: 0, partitions: described }];
    return { brokers: [], topics } as unknown as MetadataResponse;
  }

  const control: Control = {
    brokers: new Map(brokerIds.map((id) => [id, { host: "model", port: id }])),
    async open(address) {
      const name = `broker ${address.port}`;
      await wayTo(name);
      const connection = createModelConnection({
        name,
        requestTimeoutMs: options.requestTimeoutMs,
        random,
        later,
        mishaps: () => mishaps,
        process: (frame) => process(address.port, frame),
      });
      return { connection, produceVersion: 11, supports: () => true } satisfies Session;
    },
    async metadata() {
      await wayTo("bootstrap");
      return metadata();
    },
    // Only producer ids are asked for here.
    askAny: async () => ({ producerId: 7n, producerEpoch: options.producerEpoch }) as never,
    askAt: async () => {
      throw new KafkaError("INVALID_REQUEST", "the model has no coordinator", false);
    },
    close() {},
  };
  return {
    control,
    partitions,
    get timerCount() {
      return timerCount;
    },
    heal() {
      mishaps = calm;
    },
  };
}

function toModel(batch: ProducePart["batch"]): ModelBatch {
  const numbers = batch.records.map(({ key, value }) => Number((key ?? value)!.toString()));
  return {
    producerId: batch.producerId,
    epoch: batch.producerEpoch,
    first: batch.firstSequence,
    last: (batch.firstSequence + numbers.length - 1) % 2 ** 31,
    numbers,
  };
}
