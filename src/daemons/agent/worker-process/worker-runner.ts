// Picks where a worker runs: workloads in a child process, all else in the agent's own.

import type { TaskType } from "../../../tasks/define-task.ts";
import type { WorkerRunner } from "../worker-runner.ts";
import { type ChildWorkerRunnerOptions, childWorkerRunner } from "./child-worker-runner.ts";
import { type InProcessRunnerOptions, inProcessRunner } from "./in-process-runner.ts";

export type WorkerRunnerOptions = ChildWorkerRunnerOptions & InProcessRunnerOptions;

export function workerRunner(options: WorkerRunnerOptions): WorkerRunner {
  const inChildren = childWorkerRunner(options);
  const here = inProcessRunner(options);
  return {
    start(order, listener) {
      const runner = needsChild(order.taskType) ? inChildren : here;
      return runner.start(order, listener);
    },
    async close() {
      await Promise.all([inChildren.close(), here.close()]);
    },
  };
}

function needsChild({ kind, watchesProcess }: TaskType): boolean {
  return kind === "workload" && watchesProcess !== true;
}
