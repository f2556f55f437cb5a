// How a child ended, as one sentence for people; "" when it did what it was for.

import type { StopReason } from "../../../tasks/define-task.ts";
import type { ConversationEnd } from "../../../tasks/workloads/external-command/conversation.ts";
import type { WorkerLimits } from "./worker-limits.ts";

/** What is known of a child beside how it ended. */
export interface ChildFate {
  toldError: string | undefined;
  stopReason: StopReason | undefined;
  /** It has heard of its stop. */
  hasReacted: boolean;
  hasStarted?: boolean;
}

const LAST_LINES = 5;
const LAST_LINE_LENGTH = 300;

/** The last lines of a child's standard error. */
export function createLastWords() {
  const lines: string[] = [];
  return {
    add(line: string) {
      if (line.trim() === "") return;
      lines.push(line.slice(0, LAST_LINE_LENGTH));
      if (lines.length > LAST_LINES) lines.shift();
    },
    text: () => lines.join(" | "),
  };
}

export function childError(
  { end, remains, wasKilled }: ConversationEnd,
  fate: ChildFate,
  lastWords: string,
  limits: WorkerLimits,
): string {
  const words = lastWords === "" ? "" : `; its last words: ${lastWords}`;
  const left = `${remains.left} of its processes could not be killed (${remains.name})`;
  if (end === undefined) return `the worker could not be stopped: ${left}`;
  if (end.kind === "notStarted") return `the worker process could not be started: ${end.reason}`;
  if (remains.left > 0) return `the worker process ended, but ${left}`;
  if (fate.toldError !== undefined) return fate.toldError;
  if (wasKilled) return `the worker ${whyKilled(fate, limits)} and was killed${words}`;
  if (end.kind === "killed") return `the worker process was killed by ${end.signal}${words}`;
  return end.code === 0 ? "" : `the worker process ended with exit code ${end.code}${words}`;
}

function whyKilled({ stopReason, hasReacted }: ChildFate, limits: WorkerLimits): string {
  if (!hasReacted) return `did not react to its stop within ${limits.reactionMs / 1000} s`;
  const graceMs = stopReason === "expired" ? limits.expiredGraceMs : limits.stoppedGraceMs;
  return `did not end within ${graceMs / 1000} s of its stop`;
}
