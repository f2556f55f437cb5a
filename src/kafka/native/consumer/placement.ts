// Finds the positions of assigned topicPartitions: what the group has committed, else what
// auto.offset.reset says, or what a seek asked for. Tries again until each has one.

import { type ClientEnvironment, KafkaError, type OffsetQuery } from "../../client.ts";
import type { ConsumerConf } from "../../conf/types.ts";
import { backoffAfter, type Deadline, deadlineIn } from "../../retry.ts";
import type { AskOffsets } from "./offsets.ts";
import { type Partition, partitionText, place } from "./partition.ts";

export interface CommittedPosition {
  /** -1: nothing was committed. */
  readonly offset: number;
  readonly epoch: number;
}

export interface Placement {
  /** Looks for positions that are missing; one search at a time. */
  wake(): void;
  close(): void;
}

export interface PlacementOptions {
  readonly conf: ConsumerConf;
  readonly environment: ClientEnvironment;
  readonly askOffsets: AskOffsets;
  partitions(): readonly Partition[];
  /** In the order of the question; empty without a group. Rejects with KafkaError. */
  committed(
    partitions: readonly Partition[],
    deadline: Deadline,
  ): Promise<readonly CommittedPosition[]>;
  onPlaced(): void;
  /** Leaders may have moved. */
  onStale(): void;
  onError(error: KafkaError): void;
  onFatal(error: KafkaError): void;
}

export function createPlacement(options: PlacementOptions): Placement {
  const { conf, environment } = options;
  const { clock } = environment;
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  const ended = new AbortController();
  let isRunning = false;
  let isAskedAgain = false;

  const missing = () => options.partitions().filter(({ isPlaced }) => !isPlaced);

  async function run(): Promise<void> {
    isRunning = true;
    for (let failures = 0; missing().length > 0 && !ended.signal.aborted; ) {
      isAskedAgain = false;
      const isDone = await round();
      options.onPlaced();
      if (isDone || isAskedAgain) {
        failures = 0;
        continue;
      }
      failures += 1;
      await clock.sleep(backoffAfter(backoff, failures), ended.signal);
    }
    isRunning = false;
  }

  /** One try for all; false when some have to be tried again. */
  async function round(): Promise<boolean> {
    const deadline = {
      ...deadlineIn(clock, conf.requestTimeoutMs),
      signal: ended.signal,
    };
    try {
      await placeCommitted(deadline);
      return await placeByQuery(deadline);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      if (ended.signal.aborted) return false;
      if (error.retriable) options.onError(error);
      else options.onFatal(error);
      return false;
    }
  }

  async function placeCommitted(deadline: Deadline): Promise<void> {
    const partitions = missing().filter(({ placeAt }) => placeAt === "committed");
    if (partitions.length === 0) return;
    const generations = partitions.map(({ generation }) => generation);
    const positions = await options.committed(partitions, deadline);
    for (const [index, partition] of partitions.entries()) {
      if (partition.generation !== generations[index]) continue;
      const position = positions[index];
      if (position === undefined || position.offset < 0) partition.placeAt = "reset";
      else place(partition, position.offset, position.epoch);
    }
  }

  async function placeByQuery(deadline: Deadline): Promise<boolean> {
    const partitions = missing().filter(({ placeAt }) => placeAt !== "committed");
    if (partitions.length === 0) return true;
    const generations = partitions.map(({ generation }) => generation);
    const questions = partitions.map((partition) => ({
      name: partition.name,
      topicPartition: partition.topicPartition,
      leaderId: partition.leaderId,
      leaderEpoch: partition.leaderEpoch,
      query: queryOf(partition),
    }));
    const unplaced = questions.flatMap(({ query }, index) =>
      query === undefined ? [partitions[index]!] : [],
    );
    if (unplaced.length > 0) {
      options.onFatal(noResetPolicy(unplaced));
      return false;
    }
    const answers = await options.askOffsets(questions as QuestionList, deadline);
    let isDone = true;
    for (const [index, partition] of partitions.entries()) {
      if (partition.generation !== generations[index]) continue;
      const answer = answers[index]!;
      if (answer instanceof KafkaError) {
        isDone = false;
        failed(partition, answer);
      } else if (answer.offset >= 0) place(partition, answer.offset, answer.epoch);
      // There is nothing that young: what comes next will be.
      else partition.placeAt = "latest";
    }
    return isDone;
  }

  function queryOf({ placeAt }: Partition): OffsetQuery | undefined {
    if (placeAt !== "reset" && placeAt !== "committed") return placeAt;
    const { offsetReset } = conf;
    if (offsetReset === "none") return undefined;
    if (typeof offsetReset === "string") return offsetReset;
    return { timestampMs: environment.clock.nowMs() - offsetReset.byDurationMs };
  }

  function failed(partition: Partition, error: KafkaError): void {
    const where = `no position for ${partitionText(partition)}`;
    const isPassing = error.retriable || error.code === "UNKNOWN_TOPIC_OR_PARTITION";
    const placed = new KafkaError(error.code, `${where}: ${error.message}`, isPassing, error);
    partition.lastError = placed;
    if (!isPassing) {
      options.onFatal(placed);
      return;
    }
    options.onError(placed);
    options.onStale();
  }

  return {
    wake() {
      isAskedAgain = true;
      if (!isRunning && !ended.signal.aborted) void run();
    },
    close() {
      ended.abort();
    },
  };
}

type QuestionList = Parameters<AskOffsets>[0];

function noResetPolicy(partitions: readonly Partition[]): KafkaError {
  const names = partitions.map(({ name, topicPartition }) => `${name}-${topicPartition}`);
  return new KafkaError(
    "NO_OFFSET_FOR_PARTITION",
    `there is no committed offset for ${names.join(", ")}, and auto.offset.reset is none; commit` +
      " one, or set auto.offset.reset to earliest or latest",
    false,
  );
}
