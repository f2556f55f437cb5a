// The id of a task that was dropped is free: a create that is tried once more, or that the network
// brings a second time, then makes another task of that id. What holds for one task does not hold
// for the two of them, so such ids are left out of most judgements.

import type { History } from "./history.ts";

export function withoutRevived(history: History): History {
  const revived = revivedIds(history);
  if (revived.size === 0) return history;
  const isOther = ({ taskId }: { readonly taskId: string }) => !revived.has(taskId);
  const { final } = history;
  return {
    ...history,
    ops: history.ops.filter(isOther),
    runs: history.runs.filter(isOther),
    sightings: history.sightings.filter(isOther),
    archived: history.archived.filter(isOther),
    final: final && {
      ...final,
      tasks: new Map([...final.tasks].filter(([id]) => !revived.has(id))),
      workers: new Map(
        [...final.workers].map(([node, workers]) => [
          node,
          new Map([...workers].filter(([, worker]) => isOther(worker))),
        ]),
      ),
    },
  };
}

/** Those that were seen again, or ran again, after they had left. */
function revivedIds({ archived, runs, sightings, listings }: History): ReadonlySet<string> {
  const revived = new Set<string>();
  for (const { taskId, atMs } of archived) {
    // Between the archive's line and the end of the drop the task is still there.
    const isBack = sightings.some(
      (seen) => seen.taskId === taskId && seen.atMs > atMs && seen.state !== "DONE",
    );
    const wasGone = listings.findIndex(
      ({ invokedMs, taskIds }) => invokedMs > atMs && !taskIds.has(taskId),
    );
    const isListedAgain =
      wasGone >= 0 && listings.slice(wasGone).some(({ taskIds }) => taskIds.has(taskId));
    const ranAgain = runs.some((run) => run.taskId === taskId && run.startedMs > atMs);
    if (isBack || isListedAgain || ranAgain) revived.add(taskId);
  }
  return revived;
}
