// RoundTripWorkload's phases: create the topics, connect producer and consumer, and let every
// message go round (run-round-trip.ts says when that is a success).

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { Consumer, KafkaClients, TopicPartition } from "../../../kafka/client.ts";
import { createPayloadGenerator } from "../../../measure/payload/payload-spec.ts";
import { type ResolvedTopic, resolveTopics } from "../../../spec/topics.ts";
import { namedNodes } from "../../../spec/types/node-names.ts";
import { loadClients } from "../../client-confs/load-clients.ts";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import type { Worker, WorkerContext } from "../../define-task.ts";
import { partitionEnds } from "../../record-tracking/partition-ends.ts";
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
import { roundTripLayers } from "./confs.ts";
import type { RoundTripSpec } from "./spec.ts";

export const roundTripWorker: Worker<RoundTripSpec> = async (spec, context) =>
  runRoundTripWorkload(spec, context, await loadClients(spec.clientLibrary));

/** The worker with its Kafka client passed in. */
export async function runRoundTripWorkload(
  spec: RoundTripSpec,
  context: WorkerContext,
  clients: KafkaClients,
): Promise<void> {
  const { clock, log, signal } = context;
  const topics = resolveTopics(spec.activeTopics);
  if (spec.targetMessagesPerSec <= 0) throw wrong("Can't have targetMessagesPerSec <= 0.");
  if (topics.length === 0) throw wrong("You must specify at least one active topic.");
  const targets = ownPartitions(topics, spec, context.node);
  const layers = roundTripLayers(spec, context.taskId);
  const confs = await resolveConfs({ ...layers }, spec.clientLibrary);
  for (const warning of confs.warnings) log.warn(warning);
  const trouble = await prepareTopics(topics, confs.admin, clients, context);
  if (signal.aborted) return neverBegan(context, trouble);

  const values = createPayloadGenerator(spec.valueGenerator, clock);
  const keys = createPayloadGenerator(keySpec, clock);
  const producer = clients.producer(confs.producer, recordSource(keys, values), { clock, log });
  const consumer = clients.consumer(confs.consumer, { clock, log });
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
  consumer.onError = (error) => countError(load, error, 1);
  const compared = isRepeatable(spec.valueGenerator)
    ? createPayloadGenerator(spec.valueGenerator, clock)
    : undefined;
  consumer.onRecords = createReceiver(load, compared);
  await runRoundTrip(load, context, {
    consumer,
    ends: partitionEnds(consumer, targets),
    connect: async () => {
      await producer.start([...new Set(targets.map(({ topic }) => topic))], signal);
      await startAtEnd(consumer, targets, signal);
    },
    clientLibrary: clients.library,
    warnings: confs.warnings,
  });
}

/** The number of the message, as Java's workers write it too. */
const keySpec = { type: "sequential", size: KEY_BYTES, startOffset: 0n } as const;

/**
 * Positions the consumer behind what the topicPartitions hold already: numbers begin at 0 in every
 * task, so older messages would pass for new ones.
 */
async function startAtEnd(
  consumer: Consumer,
  targets: readonly TopicPartition[],
  signal: AbortSignal,
): Promise<void> {
  const ends = await consumer.offsets(targets, "latest", signal);
  consumer.pause();
  await consumer.assign(targets, signal);
  for (const [index, { topic, topicPartition }] of targets.entries()) {
    consumer.seek(topic, topicPartition, ends[index]!);
  }
  consumer.resume();
}

/** Several nodes take every so-manieth partition each, so that each knows its own messages. */
function ownPartitions(
  topics: readonly ResolvedTopic[],
  spec: RoundTripSpec,
  node: string,
): TopicPartition[] {
  const all = topics.flatMap(({ name, partitions }) =>
    partitions.map((topicPartition) => ({ topic: name, topicPartition })),
  );
  const nodes = namedNodes(spec.clientNode);
  if (nodes.length < 2) return all;
  const own = all.filter((_, index) => nodes[index % nodes.length] === node);
  if (own.length === 0) throw wrong(`no partition is left for the node ${node}`);
  return own;
}

function neverBegan({ signal }: WorkerContext, trouble: string | undefined): void {
  if (endOf(signal) === "stopped") return;
  throw nothingDone("a message was sent, while creating the topics", trouble);
}

function wrong(message: string): TrogdorError {
  return new TrogdorError("task", message);
}
