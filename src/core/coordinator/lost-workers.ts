// Workers of nodes that have not answered for long.

import type { NodeRecord } from "./coordinator-state.ts";
import type { Turn } from "./turn.ts";
import { changeWorker } from "./worker-changes.ts";

/**
 * A worker is lost when its end is over, and its node silent, for longer than agentLostMs. Until
 * then the node may come back and tell.
 */
export function loseWorker(turn: Turn, node: NodeRecord, id: bigint): void {
  const worker = turn.state.workers.get(id);
  if (worker === undefined || worker.wanted === "forget" || worker.phase === "DONE") return;
  const task = turn.state.tasks.get(worker.taskId);
  if (task === undefined) return;
  const { nowMs } = turn.moment;
  const expiresMs = Number(task.spec.startMs) + task.spec.durationMs;
  const endMs = worker.stopMs < 0 ? expiresMs : Math.min(expiresMs, worker.stopMs);
  const overMs = nowMs - Math.max(endMs, node.lastAnsweredMs);
  if (overMs <= turn.state.options.agentLostMs) return;
  const silentS = Math.floor((nowMs - node.lastAnsweredMs) / 1000);
  const fate =
    worker.phase === "UNSENT"
      ? "its worker was never sent"
      : "what became of its worker is not known";
  const error = `node ${node.name} has not answered for ${silentS} s; ${fate}`;
  changeWorker(turn, worker, { type: "lost", error });
}
