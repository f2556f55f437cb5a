// Workers of nodes that have not answered for long.

import type { NodeRecord } from "./coordinator-state.ts";
import type { Turn } from "./turn.ts";
import { changeWorker } from "./worker-changes.ts";

/** One failure may be this process's own: it was suspended, and so was its wait for the answer. */
const failedPollsMin = 2;

/**
 * A worker is lost when its end is over, and its node silent, for longer than agentLostMs. Until
 * then the node may come back and tell. A wall clock that is set makes no node silent.
 */
export function loseWorker(turn: Turn, node: NodeRecord, id: bigint): void {
  const worker = turn.state.workers.get(id);
  if (worker === undefined || worker.wanted === "forget" || worker.phase === "DONE") return;
  const task = turn.state.tasks.get(worker.taskId);
  if (task === undefined) return;
  if (node.failedPolls < failedPollsMin) return;
  const { nowMs, monotonicMs } = turn.moment;
  const expiresMs = Number(task.spec.startMs) + task.spec.durationMs;
  const endMs = worker.stopMs < 0 ? expiresMs : Math.min(expiresMs, worker.stopMs);
  const silentMs = monotonicMs - node.lastAnsweredMs;
  if (Math.min(nowMs - endMs, silentMs) <= turn.state.options.agentLostMs) return;
  const silentS = Math.floor(silentMs / 1000);
  const fate =
    worker.phase === "UNSENT"
      ? "its worker was never sent"
      : "what became of its worker is not known";
  const error = `node ${node.name} has not answered for ${silentS} s; ${fate}`;
  changeWorker(turn, worker, { type: "lost", error });
}
