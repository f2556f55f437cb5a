// How a workload ended, and what its task's error is.

import { errorText, TrogdorError } from "../../core/trogdor-error.ts";

/** `completed`: all that was asked for is done. `expired`: durationMs was over before. */
export type EndReason = "completed" | "expired" | "stopped" | "failed";

/** Why the signal of a worker aborted. */
export function endOf(signal: AbortSignal): EndReason {
  return signal.reason === "expired" ? "expired" : "stopped";
}

/** One readable sentence for a task; a mistake in this program keeps its type. */
export function taskError(error: unknown): unknown {
  if (error instanceof TrogdorError || !(error instanceof Error)) return error;
  if (error.name !== "Error" && error.name !== "KafkaError") return error;
  return new TrogdorError("task", errorText(error), { cause: error });
}

/** `what` was not done before the time was over, with the cause if one is known. */
export function nothingDone(what: string, cause: string | undefined): TrogdorError {
  const text = `durationMs was over before ${what}`;
  return new TrogdorError("task", cause === undefined ? text : `${text}: ${cause}`);
}
