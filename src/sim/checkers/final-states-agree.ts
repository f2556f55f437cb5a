// When the cluster has been in peace for a while, everybody tells the same: the coordinator about
// its tasks, the agents about their workers, and what really runs. A task without an error did
// what it was for: each of its workers ran, and none of them failed.

import type { TaskState } from "../../core/task-state.ts";
import type { FinalState, History, WorkerRun } from "../history.ts";
import { simulationStartMs } from "../host.ts";
import type { Checker } from "./checker.ts";

const startSlackMs = 5_000;

export const finalStatesAgree: Checker = {
  name: "final states agree",
  check(history) {
    const { final } = history;
    if (final === undefined) return ["there is no final state"];
    return [
      ...[...final.tasks].flatMap(([id, task]) => aboutTask(history, final, id, task)),
      ...history.runs.flatMap((run) => aboutRun(final, run)),
      ...aboutAgents(history, final),
    ];
  },
};

function aboutTask(history: History, final: FinalState, id: string, task: TaskState): string[] {
  const runs = history.runs.filter(({ taskId }) => taskId === id);
  const active = runs.filter(({ endedMs }) => endedMs === undefined).length;
  switch (task.state) {
    case "PENDING": {
      const lateMs = final.atMs - (Number(task.spec.startMs) - simulationStartMs);
      return lateMs > startSlackMs ? [`task ${id} is PENDING ${lateMs} ms after its start`] : [];
    }
    case "RUNNING":
      return active > 0 ? [] : [`task ${id} is RUNNING and none of its workers is`];
    case "STOPPING":
      return [`task ${id} is still STOPPING`];
    case "DONE":
      return active > 0
        ? [`task ${id} is DONE and ${active} of its workers run`]
        : aboutSuccess(id, task.error !== "" || task.cancelled, runs);
  }
}

function aboutSuccess(id: string, isExcused: boolean, runs: readonly WorkerRun[]): string[] {
  if (isExcused) return [];
  if (runs.length === 0) return [`task ${id} is DONE without an error and never ran`];
  const failed = runs.find(({ error, end }) => error !== "" || end === "lostWithAgent");
  if (failed === undefined) return [];
  const how = failed.end === "lostWithAgent" ? "was lost with its agent" : failed.error;
  return [`task ${id} is DONE without an error; worker ${failed.workerId} ${how}`];
}

function aboutRun(final: FinalState, run: WorkerRun): string[] {
  if (run.endedMs !== undefined) return [];
  const named = `worker ${run.workerId} of ${run.taskId} runs on ${run.node}`;
  const problems: string[] = [];
  const shown = final.workers.get(run.node)?.get(run.workerId);
  if (shown === undefined) problems.push(`${named} and its agent does not know it`);
  else if (shown.state === "DONE") problems.push(`${named} and its agent says that it is DONE`);
  if (!final.tasks.has(run.taskId)) problems.push(`${named} for a task that is gone`);
  return problems;
}

function aboutAgents(history: History, final: FinalState): string[] {
  const running = new Set(
    history.runs.flatMap(({ endedMs, workerId }) => (endedMs === undefined ? [workerId] : [])),
  );
  const problems: string[] = [];
  for (const [node, workers] of final.workers) {
    for (const [id, worker] of workers) {
      if (worker.state === "DONE" || running.has(id)) continue;
      problems.push(`${node} says that worker ${id} is ${worker.state}, and it does not run`);
    }
  }
  return problems;
}
