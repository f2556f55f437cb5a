// What a fault changed on a node is put back once its worker has ended, also when the agent was
// killed or its machine lost power in between.

import type { Checker } from "./checker.ts";

export const noFaultOutlivesItsOwner: Checker = {
  name: "no fault outlives its owner",
  // A second life of a task has workers, and so faults, of its own.
  judgesRevived: true,
  check(history) {
    const running = new Set(
      history.runs.flatMap(({ endedMs, workerId }) => (endedMs === undefined ? [workerId] : [])),
    );
    const problems: string[] = [];
    for (const [node, faults] of history.final?.faults ?? []) {
      for (const id of faults) {
        if (!running.has(id)) problems.push(`${node} still has the fault of worker ${id}`);
      }
    }
    return problems;
  },
};
