// Where only so many finished tasks are kept, no more are there once the cluster is in peace, none
// left before there were that many, and the archive holds each that left as it was when it ended.

import type { History } from "../history.ts";
import type { Checker } from "./checker.ts";

export const retentionIsKept: Checker = {
  name: "retention is kept",
  judgesRevived: true,
  check(history) {
    return [...unfinishedLines(history), ...leftAtEnd(history)];
  },
};

function unfinishedLines({ archived }: History): string[] {
  return archived
    .filter(({ state }) => state !== "DONE")
    .map(({ taskId, state }) => `task ${taskId} went to the archive while it was ${state}`);
}

function leftAtEnd({ final, retainTasks, archived, ops }: History): string[] {
  if (final === undefined || !Number.isFinite(retainTasks)) return [];
  const done = [...final.tasks.values()].filter(({ state }) => state === "DONE").length;
  if (done > retainTasks) return [`${done} finished tasks are there, of ${retainTasks} to keep`];
  // Who destroys a finished task makes room that is filled only by others that finish.
  const destroyed = ops.filter(({ verb }) => verb === "destroy").length;
  const isEarly = archived.length > 0 && done + destroyed < retainTasks;
  return isEarly ? [`${done} finished tasks are there though ${retainTasks} are to be kept`] : [];
}
