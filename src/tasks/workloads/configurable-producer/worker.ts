// ConfigurableProducer's phases: create the topic, connect the producer, send by the generators
// until the time is over or a person stops it. It succeeds when one message was acknowledged.

import { errorText, TrogdorError } from "../../../core/trogdor-error.ts";
import type { KafkaClients } from "../../../kafka/client.ts";
import { createLatencyRecorder } from "../../../measure/latency-recorder.ts";
import { createPayloadGenerator } from "../../../measure/payload/payload-spec.ts";
import { createRateMeter } from "../../../measure/rates.ts";
import { createFlushCounter } from "../../../measure/throughput/flush-spec.ts";
import { createThroughputSchedule } from "../../../measure/throughput/throughput-schedule.ts";
import { resolveTopics } from "../../../spec/topics.ts";
import { loadClients } from "../../client-confs/load-clients.ts";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import type { Worker, WorkerContext } from "../../define-task.ts";
import { closeWithin, STOP_CLOSE_MS } from "../../workload-run/close-within.ts";
import { reportHistograms, reportUntil } from "../../workload-run/periodic-report.ts";
import { prepareTopics } from "../../workload-run/prepare-topics.ts";
import { recordSource } from "../../workload-run/record-source.ts";
import { type EndReason, endOf, nothingDone, taskError } from "../../workload-run/workload-end.ts";
import { clientLayers, loadProblems } from "./check.ts";
import { configurableStatus, type StatusSources } from "./configurable-status.ts";
import { sendWindows, type WindowLoad } from "./send-windows.ts";
import type { ConfigurableProducerSpec } from "./spec.ts";

export const configurableProducerWorker: Worker<ConfigurableProducerSpec> = async (spec, context) =>
  runConfigurableProducer(spec, context, await loadClients(spec.clientLibrary));

/** The worker with its Kafka client and its random numbers passed in. */
export async function runConfigurableProducer(
  spec: ConfigurableProducerSpec,
  context: WorkerContext,
  clients: KafkaClients,
  uniform: () => number = Math.random,
): Promise<void> {
  const { clock, log, signal } = context;
  const { throughputGenerator, keyGenerator, valueGenerator } = spec;
  const problems = loadProblems(spec);
  const [topic] = problems.length > 0 ? [] : resolveTopics(spec.activeTopic);
  if (!throughputGenerator || !keyGenerator || !valueGenerator || topic === undefined) {
    throw specError(problems);
  }
  const confs = await resolveConfs({ ...clientLayers(spec) }, spec.clientLibrary);
  for (const warning of confs.warnings) log.warn(warning);
  const trouble = await prepareTopics([topic], confs.admin, clients, context);
  if (signal.aborted) return neverSent(context, "creating the topic", trouble);

  const keys = createPayloadGenerator(keyGenerator, clock);
  const values = createPayloadGenerator(valueGenerator, clock);
  const producer = clients.producer(confs.producer, recordSource(keys, values), { clock, log });
  const recorder = createLatencyRecorder({ measureFromUs: 0 });
  producer.onOutcome = (outcome) => recorder.record(outcome);
  try {
    await producer.start([topic.name], signal);
  } catch (error) {
    await closeWithin([producer], STOP_CLOSE_MS, clock);
    if (!signal.aborted) throw taskError(error);
    return neverSent(context, "connecting the producer", errorText(error));
  }
  const startUs = clock.nowUs();
  const load: WindowLoad = {
    producer,
    schedule: createThroughputSchedule(throughputGenerator, startUs, uniform),
    flushes: spec.flushGenerator && createFlushCounter(spec.flushGenerator, uniform),
    topic: topic.name,
    topicPartition: spec.activePartition,
    clock,
    signal,
    sent: 0,
    due: 0,
    flushed: 0,
  };
  const { library: clientLibrary } = clients;
  const rates = createRateMeter(startUs);
  await measure({ load, recorder, rates, clientLibrary, warnings: confs.warnings }, context);
}

async function measure(sources: StatusSources, context: WorkerContext): Promise<void> {
  const { clock, signal } = context;
  const { load, recorder } = sources;
  const histograms = { corrected: recorder.corrected, service: recorder.service };
  const ended = new AbortController();
  const status = (nowUs: number) => configurableStatus(sources, nowUs, null);
  const reporting = reportUntil(ended.signal, { status, histograms }, context);
  let error: unknown;
  try {
    await sendWindows(load);
  } catch (thrown) {
    if (!signal.aborted) error = taskError(thrown);
  }
  await closeWithin([load.producer], STOP_CLOSE_MS, clock);
  ended.abort();
  await reporting;
  const end: EndReason = endOf(signal);
  if (error === undefined && end === "expired" && recorder.acknowledged === 0) {
    error = nothingDone("a message was acknowledged", recorder.firstError?.message);
  }
  const endReason = error === undefined ? end : "failed";
  context.report(configurableStatus(sources, clock.nowUs(), endReason));
  reportHistograms(histograms, context);
  if (error !== undefined) throw error;
}

function neverSent({ signal }: WorkerContext, phase: string, cause: string | undefined): void {
  if (endOf(signal) === "stopped") return;
  throw nothingDone(`a message was sent, while ${phase}`, cause);
}

function specError(problems: ReturnType<typeof loadProblems>): TrogdorError {
  const text = problems.map(({ path, message }) =>
    // The reference has whole sentences for a topic, and none for a generator.
    path.endsWith("Generator") ? `${path} ${message}` : message,
  );
  return new TrogdorError("task", text.join("; "), { problems });
}
