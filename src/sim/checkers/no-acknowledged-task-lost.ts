// A create that was acknowledged is there for good: in every listing that is asked for later and at
// the end, with the spec that was given, until somebody asks to destroy it or the archive has it. A
// task that nobody was told of may be there or not.

import type { ClientOp, History } from "../history.ts";
import type { Checker } from "./checker.ts";

export const noAcknowledgedTaskLost: Checker = {
  name: "no acknowledged task lost",
  check(history) {
    const created = history.ops.filter(
      ({ verb, outcome }) => verb === "create" && outcome === "ok",
    );
    return created.flatMap((op) => {
      const untilMs = destroyAskedMs(history, op.taskId);
      return [...missingFromListings(history, op, untilMs), ...missingAtEnd(history, op, untilMs)];
    });
  },
};

function destroyAskedMs(history: History, taskId: string): number {
  const asked = history.ops.filter((op) => op.verb === "destroy" && op.taskId === taskId);
  return Math.min(...asked.map(({ invokedMs }) => invokedMs));
}

function archivedAtMs({ archived }: History, taskId: string): number {
  return Math.min(...archived.filter((line) => line.taskId === taskId).map(({ atMs }) => atMs));
}

function missingFromListings(history: History, op: ClientOp, untilMs: number): string[] {
  const archivedMs = archivedAtMs(history, op.taskId);
  const missing = history.listings.find(
    ({ invokedMs, endedMs, taskIds }) =>
      invokedMs > op.endedMs && endedMs < Math.min(untilMs, archivedMs) && !taskIds.has(op.taskId),
  );
  if (missing === undefined) return [];
  const { taskId, endedMs } = op;
  return [`task ${taskId}, created at ${endedMs}, is missing from the list of ${missing.endedMs}`];
}

function missingAtEnd(history: History, op: ClientOp, untilMs: number): string[] {
  if (history.final === undefined || untilMs !== Number.POSITIVE_INFINITY) return [];
  const task = history.final.tasks.get(op.taskId);
  const archived = history.archived.find((line) => line.taskId === op.taskId);
  if (task === undefined && archived !== undefined) return changedSpec(op, archived.specText);
  if (task === undefined) return [`task ${op.taskId}, created at ${op.endedMs}, is gone`];
  return changedSpec(op, task.spec.text);
}

function changedSpec(op: ClientOp, keptText: string): string[] {
  const kept = withoutStart(keptText);
  const given = withoutStart(op.specText);
  return kept === given ? [] : [`task ${op.taskId} was created as ${given} and is ${kept}`];
}

/** The coordinator raises a start that is over to the present. */
function withoutStart(text: string): string {
  return text.replace(/"startMs":-?\d+,/, "");
}
