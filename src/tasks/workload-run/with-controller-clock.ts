// Puts the offset between this node's clock and the active controller's into every status of a
// workload, as soon as it is known. Two nodes that both know theirs know the offset between them,
// which is what end-to-end latencies over two hosts need (docs/measurement.md).

import { errorText } from "../../core/trogdor-error.ts";
import type { ConnectionConf } from "../../kafka/conf/types.ts";
import type { StatusJson, WorkerContext } from "../define-task.ts";
import { isStatusObject, type StatusObject } from "../read-status.ts";

/** Runs a load with a context whose statuses hold more. */
export type WithClock = (
  context: WorkerContext,
  conf: ConnectionConf,
  place: (clock: StatusJson, status: StatusObject) => StatusJson,
  run: (context: WorkerContext) => Promise<void>,
) => Promise<void>;

export const withoutClock: WithClock = (context, _conf, _place, run) => run(context);

export const withControllerClock: WithClock = async (context, conf, place, run) => {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, context.signal]);
  let clock: StatusJson = { unknown: "not measured yet" };
  const measure = async () => {
    try {
      const { measureControllerClock } = await import("../../kafka/native/controller-clock.ts");
      clock = { ...(await measureControllerClock(conf, context, signal)) } as StatusJson;
    } catch (error) {
      clock = { unknown: errorText(error) };
    }
  };
  const measuring = measure();
  try {
    await run({
      ...context,
      report: (status) => context.report(isStatusObject(status) ? place(clock, status) : status),
    });
  } finally {
    ended.abort();
    await measuring;
  }
};
