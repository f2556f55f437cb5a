// ShareRoundTripWorkload's phases: as RoundTripWorkload's, with a member of a share group that
// begins at the earliest record. What the topics held before is left out by its offset. A share
// group may deliver a record again at any time, so nobody can know that a message will not come.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { KafkaClients, TopicPartition } from "../../../kafka/client.ts";
import type { AdminConf, ConsumerConf } from "../../../kafka/conf/types.ts";
import { createPayloadGenerator } from "../../../measure/payload/payload-spec.ts";
import { resolveTopics } from "../../../spec/topics.ts";
import { loadClients } from "../../client-confs/load-clients.ts";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import type { Worker, WorkerContext } from "../../define-task.ts";
import { nameOf } from "../../record-tracking/partition-ends.ts";
import { createReceiver, isRepeatable, KEY_BYTES } from "../../record-tracking/receive-records.ts";
import {
  countError,
  createRoundTripLoad,
  recordOutcome,
} from "../../record-tracking/round-trip-load.ts";
import { runRoundTrip } from "../../record-tracking/run-round-trip.ts";
import { prepareTopics } from "../../workload-run/prepare-topics.ts";
import { recordSource } from "../../workload-run/record-source.ts";
import { endOf, nothingDone } from "../../workload-run/workload-end.ts";
import { groupOf, ownProblems, shareRoundTripLayers } from "./check.ts";
import type { ShareRoundTripSpec } from "./spec.ts";

export const shareRoundTripWorker: Worker<ShareRoundTripSpec> = async (spec, context) => {
  const { clock, log, signal, taskId } = context;
  const topics = resolveTopics(spec.activeTopics);
  if (spec.targetMessagesPerSec <= 0) throw wrong("Can't have targetMessagesPerSec <= 0.");
  if (topics.length === 0) throw wrong("You must specify at least one active topic.");
  const [problem] = ownProblems(spec);
  if (problem !== undefined) throw wrong(problem.message);
  const clients = await loadClients("native");
  const confs = await resolveConfs({ ...shareRoundTripLayers(spec, taskId) }, "native");
  for (const warning of confs.warnings) log.warn(warning);
  const trouble = await prepareTopics(topics, confs.admin, clients, context);
  if (signal.aborted) {
    if (endOf(signal) === "stopped") return;
    throw nothingDone("a message was sent, while creating the topics", trouble);
  }
  const targets = topics.flatMap(({ name, partitions }) =>
    partitions.map((topicPartition) => ({ topic: name, topicPartition })),
  );
  const names = topics.map(({ name }) => name);
  const values = createPayloadGenerator(spec.valueGenerator, clock);
  const keys = createPayloadGenerator(keySpec, clock);
  const producer = clients.producer(confs.producer, recordSource(keys, values), { clock, log });
  const member = clients.shareConsumer(confs.consumer, { clock, log });
  const load = createRoundTripLoad({
    producer,
    topics: targets.map(({ topic }) => topic),
    topicPartitions: Int32Array.from(targets, ({ topicPartition }) => topicPartition),
    ratePerSec: spec.targetMessagesPerSec,
    maxMessages: Math.max(0, Number(spec.maxMessages)),
    clock,
    signal,
  });
  producer.onOutcome = (outcome) => recordOutcome(load, outcome);
  member.onError = (error) => countError(load, error, 1);
  const compared = isRepeatable(spec.valueGenerator)
    ? createPayloadGenerator(spec.valueGenerator, clock)
    : undefined;
  const starts = new Map<string, number>();
  member.onRecords = createReceiver(
    load,
    compared,
    (record) => record.offset < (starts.get(nameOf(record)) ?? 0),
  );
  await runRoundTrip(load, context, {
    consumer: member,
    ends: undefined,
    connect: async () => {
      await producer.start(names, signal);
      const ends = await endsOf(targets, confs.consumer, clients, context);
      for (const [index, target] of targets.entries()) starts.set(nameOf(target), ends[index]!);
      await beginAtEarliest(confs.admin, clients, context);
      await member.subscribe(names, signal);
    },
    clientLibrary: clients.library,
    warnings: confs.warnings,
  });
};

/** The number of the message, as Java's workers write it too. */
const keySpec = { type: "sequential", size: KEY_BYTES, startOffset: 0n } as const;

/** How long a client that only asked something may take to close. */
const CLOSE_MS = 1_000;

/** A share consumer cannot ask for offsets; another one does, which is no member of a group. */
async function endsOf(
  targets: readonly TopicPartition[],
  conf: ConsumerConf,
  clients: KafkaClients,
  { clock, log, signal }: WorkerContext,
): Promise<readonly number[]> {
  const consumer = clients.consumer({ ...conf, groupId: undefined }, { clock, log });
  try {
    return await consumer.offsets(targets, "latest", signal);
  } finally {
    await consumer.close(CLOSE_MS);
  }
}

async function beginAtEarliest(
  conf: AdminConf,
  clients: KafkaClients,
  { clock, log, signal, taskId }: WorkerContext,
): Promise<void> {
  const groups = clients.groupAdmin(conf, { clock, log });
  try {
    const configs = new Map([["share.auto.offset.reset", "earliest"]]);
    await groups.alterGroupConfigs(groupOf(taskId), configs, signal);
  } finally {
    await groups.close();
  }
}

function wrong(message: string): TrogdorError {
  return new TrogdorError("task", message);
}
