// A worker is started at most once for its id, on any node, over all lives of agent and
// coordinator.

import type { Checker } from "./checker.ts";

export const workerStartedOnce: Checker = {
  name: "a worker is started once",
  judgesRevived: true,
  check(history) {
    const first = new Map<bigint, (typeof history.runs)[number]>();
    return history.runs.flatMap((run) => {
      const earlier = first.get(run.workerId);
      if (earlier === undefined) {
        first.set(run.workerId, run);
        return [];
      }
      const { workerId, taskId, node, startedMs } = run;
      const place = `on ${node} at ${startedMs}`;
      const before = `on ${earlier.node} at ${earlier.startedMs}`;
      return [`worker ${workerId} of ${taskId} was started ${before} and again ${place}`];
    });
  },
};
