// ConsumeBench's phases: resolve what to consume and the configurations, connect the consumers, and
// let them take messages until each has its number:
//
//     every consumer has its maxMessages                          success, "completed"
//     a person stopped it                                         success, "stopped"
//     durationMs over, one message received at least              success, "expired"
//     durationMs over, none received though some were wanted      error with the last cause
//     a consumer failed for good                                  error with the cause

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { Consumer, KafkaClients } from "../../../kafka/client.ts";
import type { ConsumerConf } from "../../../kafka/conf/types.ts";
import { createRateMeter } from "../../../measure/rates.ts";
import { loadClients } from "../../client-confs/load-clients.ts";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import {
  type Consumption,
  createConsumption,
  createEndToEnd,
} from "../../consumption/consumption.ts";
import { startConsumer } from "../../consumption/start-consumer.ts";
import type { StatusJson, Worker, WorkerContext } from "../../define-task.ts";
import { createRecordProcessor } from "../../record-processing/record-processor.ts";
import { reportHistograms, reportUntil } from "../../workload-run/periodic-report.ts";
import { type EndReason, endOf, nothingDone, taskError } from "../../workload-run/workload-end.ts";
import { consumerId, consumerLayers } from "./confs.ts";
import { consumeStatus, type StatusSources } from "./consume-status.ts";
import type { ConsumeBenchSpec } from "./spec.ts";
import { consumerCount, consumeTargets } from "./targets.ts";

/** How long a consumer may take to commit and to leave its group. */
export const CLOSE_MS = 5_000;

export const consumeBenchWorker: Worker<ConsumeBenchSpec> = async (spec, context) =>
  runConsumeBench(spec, context, await loadClients(spec.clientLibrary));

/** The worker with its Kafka client passed in. */
export async function runConsumeBench(
  spec: ConsumeBenchSpec,
  context: WorkerContext,
  clients: KafkaClients,
): Promise<void> {
  const { clock, log, signal } = context;
  const targets = consumeTargets(spec);
  const { confs, warnings } = await resolveConsumers(spec, context);
  for (const warning of warnings) log.warn(warning);
  const endToEnd = createEndToEnd();
  const consumers = confs.map((conf) => clients.consumer(conf, { clock, log }));
  const consumptions = consumers.map((consumer, index) =>
    createConsumption({
      clientId: consumerId(context.taskId, index),
      consumer,
      clock,
      maxMessages: Number(spec.maxMessages),
      ratePerSec: spec.targetMessagesPerSec > 0 ? spec.targetMessagesPerSec : undefined,
      processor: spec.recordProcessor && createRecordProcessor(spec.recordProcessor),
      endToEnd,
    }),
  );
  const startUs = clock.nowUs();
  const sources: StatusSources = {
    consumptions,
    endToEnd,
    rates: createRateMeter(startUs),
    startUs,
    clientLibrary: clients.library,
    warnings,
  };
  const start = (consumer: Consumer, index: number) =>
    startConsumer(consumer, targets, { clients, conf: confs[index]!, clock, log, signal });
  await measure(sources, context, async () => {
    if (spec.maxMessages <= 0n) return;
    await Promise.all(
      consumptions.map(async (consumption, index) => {
        await start(consumers[index]!, index);
        await consumption.done;
        // One that has enough leaves the group, so that the others get its partitions.
        await consumption.close(CLOSE_MS);
      }),
    );
  });
}

/** Runs the load with its reporter, and publishes the last status whatever happened. */
async function measure(
  sources: StatusSources,
  context: WorkerContext,
  load: () => Promise<void>,
): Promise<void> {
  const { clock, signal } = context;
  const { consumptions } = sources;
  const histograms = { endToEnd: sources.endToEnd.histogram };
  const ended = new AbortController();
  const status = (nowUs: number, endReason: EndReason | null): StatusJson =>
    consumeStatus(sources, nowUs, endReason);
  const reported = { status: (nowUs: number) => status(nowUs, null), histograms };
  const reporting = reportUntil(ended.signal, reported, context);
  let endReason: EndReason = "completed";
  let error: unknown;
  try {
    await Promise.race([load(), aborted(signal)]);
    if (!consumptions.every((each) => each.isDone)) endReason = endOf(signal);
  } catch (thrown) {
    if (signal.aborted) endReason = endOf(signal);
    else error = taskError(thrown);
  }
  const trouble = troubleOf(consumptions);
  await closeAll(consumptions);
  ended.abort();
  await reporting;
  if (endReason === "expired" && consumptions.every((each) => each.received === 0)) {
    error ??= nothingDone("a message was received", trouble);
  }
  context.report(status(clock.nowUs(), error === undefined ? endReason : "failed"));
  reportHistograms(histograms, context);
  if (error !== undefined) throw error;
}

async function closeAll(consumptions: readonly Consumption[]): Promise<void> {
  await Promise.allSettled(consumptions.map((each) => each.close(CLOSE_MS)));
}

/** What kept the consumers from receiving anything, as far as one of them knows. */
function troubleOf(consumptions: readonly Consumption[]): string | undefined {
  const known = consumptions.map((each) => each.trouble).find((text) => text !== undefined);
  if (known !== undefined) return known;
  if (consumptions.every((each) => each.assigned.length === 0))
    return "no partitions were assigned";
  return "the partitions held no messages to take";
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

interface Consumers {
  readonly confs: readonly ConsumerConf[];
  readonly warnings: readonly string[];
}

async function resolveConsumers(
  spec: ConsumeBenchSpec,
  context: WorkerContext,
): Promise<Consumers> {
  const confs: ConsumerConf[] = [];
  const warnings = new Set<string>();
  if (spec.adminClientConf.size > 0) warnings.add("adminClientConf has no effect here");
  for (let index = 0; index < consumerCount(spec); index++) {
    const groupId =
      spec.consumerGroup === "" ? `consume-bench-${context.randomUuid()}` : spec.consumerGroup;
    const consumer = consumerLayers(spec, consumerId(context.taskId, index), groupId);
    const resolved = await resolveConfs({ consumer }, spec.clientLibrary);
    if (resolved.consumer === undefined) throw new TrogdorError("configuration", "no consumer");
    confs.push(resolved.consumer);
    for (const warning of resolved.warnings) warnings.add(warning);
  }
  return { confs, warnings: [...warnings] };
}
