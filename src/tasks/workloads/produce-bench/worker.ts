// ProduceBench's phases: resolve the configurations, create and check the topics, connect the
// producer, load. Each ends early when the task is over; load.ts says what counts as success.

import { errorText, TrogdorError } from "../../../core/trogdor-error.ts";
import type { KafkaClients, Producer, RecordSource } from "../../../kafka/client.ts";
import type { ProducerConf } from "../../../kafka/conf/types.ts";
import { createLatencyRecorder, type LatencyRecorder } from "../../../measure/latency-recorder.ts";
import { intendedRatePerSec } from "../../../measure/pacer.ts";
import { createPayloadGenerator } from "../../../measure/payload/payload-spec.ts";
import { createRateMeter } from "../../../measure/rates.ts";
import { type ResolvedTopic, resolveTopics } from "../../../spec/topics.ts";
import { loadClients } from "../../client-confs/load-clients.ts";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import type { Worker, WorkerContext } from "../../define-task.ts";
import { closeWithin, STOP_CLOSE_MS } from "../../workload-run/close-within.ts";
import { cpuMeter } from "../../workload-run/cpu-meter.ts";
import { prepareTopics } from "../../workload-run/prepare-topics.ts";
import { recordSource } from "../../workload-run/record-source.ts";
import {
  type WithClock,
  withControllerClock,
  withoutClock,
} from "../../workload-run/with-controller-clock.ts";
import { adminLayers, producerLayers } from "./client-layers.ts";
import { neverLoaded, runMeasuredLoad } from "./load.ts";
import { createLoadState, type LoadPlan } from "./load-state.ts";
import type { ProduceBenchSpec } from "./spec.ts";
import { createTransactionGenerator } from "./transactions.ts";

export const produceBenchWorker: Worker<ProduceBenchSpec> = async (spec, context) =>
  runProduceBench(spec, context, await loadClients(spec.clientLibrary), withControllerClock);

/** The worker with its Kafka client passed in; it measures no clocks then. */
export async function runProduceBench(
  spec: ProduceBenchSpec,
  context: WorkerContext,
  clients: KafkaClients,
  withClock: WithClock = withoutClock,
): Promise<void> {
  const { signal, log } = context;
  const active = resolveTopics(spec.activeTopics);
  if (active.length === 0) {
    throw new TrogdorError("task", "You must specify at least one active topic.");
  }
  const confs = await resolveConfs(
    {
      admin: adminLayers(spec),
      producer: producerLayers(spec, `produce-bench-transaction-id-${context.randomUuid()}`),
    },
    spec.clientLibrary,
  );
  for (const warning of confs.warnings) log.warn(warning);
  const topics = distinct([...active, ...resolveTopics(spec.inactiveTopics)]);
  const trouble = await prepareTopics(topics, confs.admin, clients, context);
  if (signal.aborted) return neverLoaded(context, "creating the topics", trouble);
  const place: Parameters<WithClock>[2] = (controllerClock, status) => ({
    ...status,
    controllerClock,
  });
  await withClock(context, confs.producer, place, (told) =>
    produce(spec, told, clients, confs, active),
  );
}

interface ProduceConfs {
  readonly producer: ProducerConf;
  readonly warnings: readonly string[];
}

async function produce(
  spec: ProduceBenchSpec,
  context: WorkerContext,
  clients: KafkaClients,
  confs: ProduceConfs,
  active: readonly ResolvedTopic[],
): Promise<void> {
  const { clock, log, signal } = context;
  const source = sourceOf(spec, context);
  const producer = clients.producer(confs.producer, source, { clock, log });
  let recorder: LatencyRecorder | undefined;
  producer.onOutcome = (outcome) => recorder?.record(outcome);
  try {
    await producer.start(
      active.map((topic) => topic.name),
      signal,
    );
  } catch (error) {
    await closeWithin([producer], STOP_CLOSE_MS, clock);
    if (!signal.aborted) throw new TrogdorError("task", errorText(error), { cause: error });
    return neverLoaded(context, "connecting the producer", errorText(error));
  }
  const plan = loadPlan(spec, context, producer, active);
  const state = createLoadState(plan);
  const warmupUs = Number(spec.warmupMs) * 1000;
  recorder = createLatencyRecorder({ measureFromUs: state.pacer.startUs + warmupUs });
  await runMeasuredLoad(plan, context, {
    recorder,
    rates: createRateMeter(state.pacer.startUs),
    state,
    maxMessages: plan.maxMessages,
    clientLibrary: clients.library,
    warnings: confs.warnings,
    cpuUs: cpuMeter(),
  });
}

function loadPlan(
  spec: ProduceBenchSpec,
  context: WorkerContext,
  producer: Producer,
  active: readonly ResolvedTopic[],
): LoadPlan {
  const targets = active.flatMap(({ name, partitions }) =>
    partitions.map((topicPartition) => ({ name, topicPartition })),
  );
  return {
    producer,
    topics: targets.map((target) => target.name),
    topicPartitions: Int32Array.from(targets, (target) =>
      spec.useConfiguredPartitioner ? -1 : target.topicPartition,
    ),
    ratePerSec: intendedRatePerSec(spec.targetMessagesPerSec),
    // More than 2^53 messages take longer than any task: a number is exact as far as it will get.
    maxMessages: Math.max(0, Number(spec.maxMessages)),
    skipFlush: spec.skipFlush,
    transactions: spec.transactionGenerator
      ? createTransactionGenerator(spec.transactionGenerator)
      : undefined,
    clock: context.clock,
    signal: context.signal,
  };
}

function sourceOf(spec: ProduceBenchSpec, { clock }: WorkerContext): RecordSource {
  const key = createPayloadGenerator(spec.keyGenerator, clock);
  const value = createPayloadGenerator(spec.valueGenerator, clock);
  return recordSource(key, value);
}

/** A topic that is both active and inactive is created as an active one. */
function distinct(topics: readonly ResolvedTopic[]): ResolvedTopic[] {
  const byName = new Map<string, ResolvedTopic>();
  for (const topic of topics) if (!byName.has(topic.name)) byName.set(topic.name, topic);
  return [...byName.values()];
}
