// ConnectionStress: connects at a rate until its time is over or a person stops it. It succeeds
// when one connection was made; when all failed, its error is the last cause.

import type { AdminConf } from "../../../kafka/conf/types.ts";
import { loadClients } from "../../client-confs/load-clients.ts";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import type { StatusJson, Worker, WorkerContext } from "../../define-task.ts";
import { reportHistograms, reportUntil } from "../../workload-run/periodic-report.ts";
import { type EndReason, endOf, nothingDone, taskError } from "../../workload-run/workload-end.ts";
import { connectionLayers } from "./check.ts";
import { type Attempt, type Connecting, createConnecting } from "./connecting.ts";
import type { ConnectionStressSpec } from "./spec.ts";

/** How long a connection may take until it is ready. */
export const READY_MS = 500;
/** The reference's meaning of a target that is not positive, for each thread. */
export const DEFAULT_CONNECTIONS_PER_SEC = 10;

export const connectionStressWorker: Worker<ConnectionStressSpec> = async (spec, context) => {
  const { admin, warnings } = await resolveConfs({ admin: connectionLayers(spec) }, "native");
  for (const warning of warnings) context.log.warn(warning);
  const attempt =
    spec.action === "CONNECT"
      ? await connectAttempt(admin, context)
      : await metadataAttempt(admin, context);
  await runConnectionStress(spec, context, attempt, warnings);
};

/** The worker with its way to connect passed in. */
export async function runConnectionStress(
  spec: ConnectionStressSpec,
  context: WorkerContext,
  attempt: Attempt,
  warnings: readonly string[] = [],
): Promise<void> {
  const { clock, signal } = context;
  const { targetConnectionsPerSec, numThreads } = spec;
  const ratePerSec =
    targetConnectionsPerSec > 0
      ? targetConnectionsPerSec
      : DEFAULT_CONNECTIONS_PER_SEC * numThreads;
  const connecting = createConnecting({ attempt, clock, ratePerSec, lanes: numThreads });
  const histograms = { corrected: connecting.corrected, service: connecting.service };
  const ended = new AbortController();
  const status = (nowUs: number) => connectionStatus(connecting, warnings, nowUs, null);
  const reporting = reportUntil(ended.signal, { status, histograms }, context);
  let error: unknown;
  try {
    await connecting.run(signal);
  } catch (thrown) {
    error = taskError(thrown);
  }
  const endUs = clock.nowUs();
  ended.abort();
  await reporting;
  const end = endOf(signal);
  if (error === undefined && end === "expired" && connecting.attempts === connecting.failures) {
    error = nothingDone("a connection was made", connecting.lastError?.message);
  }
  const endReason = error === undefined ? end : "failed";
  context.report(connectionStatus(connecting, warnings, endUs, endReason));
  reportHistograms(histograms, context);
  if (error !== undefined) throw error;
}

export type ConnectionStatus = ReturnType<typeof connectionStatus>;

/** The reference's fields, then ours. */
function connectionStatus(
  connecting: Connecting,
  warnings: readonly string[],
  nowUs: number,
  endReason: EndReason | null,
) {
  const { attempts, failures, pacer, errors } = connecting;
  const elapsedUs = nowUs - pacer.startUs;
  return {
    totalConnections: attempts,
    totalFailedConnections: failures,
    connectsPerSec: elapsedUs > 0 ? (attempts * 1e6) / elapsedUs : 0,
    intendedConnectsPerSec: pacer.ratePerSec,
    rateReached: isRateReached(connecting, nowUs),
    errors: Object.fromEntries(errors),
    elapsedMs: Math.round(elapsedUs / 1000),
    latencyUs: {
      corrected: { ...connecting.corrected.summary() },
      service: { ...connecting.service.summary() },
    },
    warnings: [...warnings],
    endReason,
  } satisfies StatusJson;
}

/** Within a percent and a tenth of a second of the schedule. */
function isRateReached({ attempts, pacer }: Connecting, nowUs: number): boolean {
  const due = pacer.due(nowUs);
  return attempts >= due * 0.99 - Math.max(1, pacer.ratePerSec / 10);
}

async function connectAttempt(conf: AdminConf, { clock }: WorkerContext): Promise<Attempt> {
  const { createConnector } = await import("../../../kafka/native/connect.ts");
  const connector = await createConnector(conf, { clock });
  return (signal) => connector.connect(READY_MS, signal);
}

async function metadataAttempt(conf: AdminConf, { clock, log }: WorkerContext): Promise<Attempt> {
  const clients = await loadClients("native");
  return async (signal) => {
    const admin = clients.admin(conf, { clock, log });
    try {
      await admin.describeTopics([], signal);
      return undefined;
    } finally {
      await admin.close();
    }
  };
}
