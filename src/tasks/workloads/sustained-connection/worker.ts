// SustainedConnection: keeps connections until its time is over or a person stops it. It succeeds
// when one of them was used once, or none was asked for.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { createPayloadGenerator } from "../../../measure/payload/payload-spec.ts";
import { loadClients } from "../../client-confs/load-clients.ts";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import type { StatusJson, Worker, WorkerContext } from "../../define-task.ts";
import { reportHistograms, reportUntil } from "../../workload-run/periodic-report.ts";
import { recordSource } from "../../workload-run/record-source.ts";
import { type EndReason, endOf, nothingDone, taskError } from "../../workload-run/workload-end.ts";
import { connectionProblems, sustainedLayers } from "./check.ts";
import { createOpen, type Open } from "./connections.ts";
import { createKeeping, type Keeping } from "./keeping.ts";
import type { SustainedConnectionSpec } from "./spec.ts";

export const sustainedConnectionWorker: Worker<SustainedConnectionSpec> = async (spec, context) => {
  const { clock, log, signal } = context;
  const problems = connectionProblems(spec);
  if (problems.length > 0) {
    const text = problems.map(({ path, message }) => `${path} ${message}`).join("; ");
    throw new TrogdorError("task", text, { problems });
  }
  const { warnings, ...confs } = await resolveConfs(
    { ...sustainedLayers(spec) },
    spec.clientLibrary,
  );
  for (const warning of warnings) log.warn(warning);
  const open = createOpen({
    clients: await loadClients(spec.clientLibrary),
    confs,
    topic: spec.topicName,
    createSource: () =>
      recordSource(
        createPayloadGenerator(spec.keyGenerator ?? { type: "null" }, clock),
        createPayloadGenerator(spec.valueGenerator ?? { type: "null" }, clock),
      ),
    clock,
    log,
    signal,
  });
  await runSustainedConnection(spec, context, open, warnings);
};

/** The worker with its way to open clients passed in. */
export async function runSustainedConnection(
  spec: SustainedConnectionSpec,
  context: WorkerContext,
  open: Open,
  confWarnings: readonly string[] = [],
): Promise<void> {
  const { clock, signal } = context;
  const counts = {
    producer: spec.producerConnectionCount,
    consumer: spec.consumerConnectionCount,
    metadata: spec.metadataConnectionCount,
  };
  const warnings =
    spec.adminClientConf.size > 0
      ? [...confWarnings, "adminClientConf has no effect here"]
      : confWarnings;
  const { numThreads: lanes, refreshRateMs: refreshMs } = spec;
  const keeping = createKeeping({ open, clock, counts, lanes, refreshMs });
  const { producer, consumer, metadata } = keeping.figures;
  const histograms = {
    producerRefresh: producer.refreshUs,
    consumerRefresh: consumer.refreshUs,
    metadataRefresh: metadata.refreshUs,
  };
  const ended = new AbortController();
  const status = () => sustainedStatus(keeping, warnings, clock.nowMs(), null);
  const reporting = reportUntil(ended.signal, { status, histograms }, context);
  // The reference's counters say what is open: as it was when the end came.
  const atEnd = whenAborted(signal, () => openCounts(keeping));
  let error: unknown;
  try {
    await keeping.run(signal);
  } catch (thrown) {
    error = taskError(thrown);
  }
  ended.abort();
  await reporting;
  const end = endOf(signal);
  const wanted = Object.values(counts).some((count) => count > 0);
  const used = [producer, consumer, metadata].some(({ refreshes }) => refreshes > 0);
  if (error === undefined && end === "expired" && wanted && !used) {
    error = nothingDone("a connection was used", keeping.lastError?.message);
  }
  const endReason = error === undefined ? end : "failed";
  const last = sustainedStatus(keeping, warnings, clock.nowMs(), endReason);
  context.report({ ...last, ...(atEnd() ?? {}) });
  reportHistograms(histograms, context);
  if (error !== undefined) throw error;
}

export type SustainedStatus = ReturnType<typeof sustainedStatus>;

/** The reference's fields, then ours. */
function sustainedStatus(
  keeping: Keeping,
  warnings: readonly string[],
  nowMs: number,
  endReason: EndReason | null,
) {
  const { producer, consumer, metadata } = keeping.figures;
  return {
    totalProducerConnections: producer.open,
    totalProducerFailedConnections: producer.failures,
    totalConsumerConnections: consumer.open,
    totalConsumerFailedConnections: consumer.failures,
    totalMetadataConnections: metadata.open,
    totalMetadataFailedConnections: metadata.failures,
    totalAbortedThreads: 0,
    updatedMs: nowMs,
    refreshes: {
      producer: producer.refreshes,
      consumer: consumer.refreshes,
      metadata: metadata.refreshes,
    },
    errors: Object.fromEntries(keeping.errors),
    refreshUs: {
      producer: { ...producer.refreshUs.summary() },
      consumer: { ...consumer.refreshUs.summary() },
      metadata: { ...metadata.refreshUs.summary() },
    },
    warnings: [...warnings],
    endReason,
  } satisfies StatusJson;
}

function openCounts({ figures }: Keeping) {
  return {
    totalProducerConnections: figures.producer.open,
    totalConsumerConnections: figures.consumer.open,
    totalMetadataConnections: figures.metadata.open,
  };
}

/** What `look` gave when the signal aborted; undefined before. */
function whenAborted<Seen>(signal: AbortSignal, look: () => Seen): () => Seen | undefined {
  let seen: Seen | undefined;
  signal.addEventListener(
    "abort",
    () => {
      seen = look();
    },
    { once: true },
  );
  return () => seen;
}
