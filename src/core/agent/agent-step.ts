// The agent: one event in, the changed state, what to write and what to do out. It takes over the
// state it is given.

import type { RowUpdate } from "../row-change.ts";
import type { AgentEffect, AgentEvent } from "./agent-events.ts";
import type { AgentState } from "./agent-state.ts";
import { type AgentTurn, putWorker } from "./agent-turn.ts";
import { nextSilenceMs, stopForSilence } from "./dead-man.ts";
import { dropFinished, noteSeen } from "./finished-workers.ts";
import {
  answerWaiting,
  createWorker,
  destroyWorker,
  leaveIfDestroyed,
  stopWorker,
  tellToStop,
} from "./worker-requests.ts";
import { type AgentWorkerEvent, agentWorkerStep } from "./worker-transitions.ts";

export interface AgentStep {
  readonly state: AgentState;
  readonly effects: readonly AgentEffect[];
  readonly changes: readonly RowUpdate[];
}

export function agentStep(state: AgentState, event: AgentEvent): AgentStep {
  const { nowMs, monotonicMs } = event;
  const turn: AgentTurn = { state, moment: { nowMs, monotonicMs }, effects: [], changes: [] };
  take(turn, event);
  return { state, effects: turn.effects, changes: turn.changes };
}

/** How long nothing is due, if nothing happens; Infinity when only events can make work. */
export function agentWaitMs(state: AgentState, monotonicMs: number): number {
  return Math.max(0, Math.min(state.ends.nextDueMs(), nextSilenceMs(state)) - monotonicMs);
}

function take(turn: AgentTurn, event: AgentEvent): void {
  switch (event.type) {
    case "createWorker":
      createWorker(turn, event);
      return;
    case "stopWorker":
      stopWorker(turn, event);
      return;
    case "destroyWorker":
      destroyWorker(turn, event);
      return;
    case "workerStarted":
      changeWorker(turn, event.workerId, { type: "started" });
      return;
    case "workerStatus":
      changeWorker(turn, event.workerId, { type: "status", status: event.status });
      return;
    case "workerEnded": {
      const { nowMs, error } = event;
      changeWorker(turn, event.workerId, { type: "ended", nowMs, error });
      return;
    }
    case "agentPolled":
      turn.state.heardMs = event.monotonicMs;
      noteSeen(turn, event.shown);
      return;
    case "tick":
      stopExpired(turn);
      stopForSilence(turn);
      return;
    case "shutdown":
      shutDown(turn);
      return;
  }
}

/** A worker that is not there any more tells nothing. */
function changeWorker(turn: AgentTurn, id: bigint, event: AgentWorkerEvent): void {
  const worker = turn.state.workers.get(id);
  if (worker === undefined) return;
  const next = agentWorkerStep(worker, event);
  if (next === worker) return;
  putWorker(turn, worker, next);
  if (next.state === "RUNNING" || next.state === "DONE") answerWaiting(turn, id);
  if (next.state !== "DONE") return;
  leaveIfDestroyed(turn, next);
  dropFinished(turn);
  finishIfShutDown(turn);
}

function stopExpired(turn: AgentTurn): void {
  for (;;) {
    const id = turn.state.ends.take(turn.moment.monotonicMs);
    if (id === undefined) return;
    tellToStop(turn, turn.state.workers.get(id)!, "expired", "");
  }
}

function shutDown(turn: AgentTurn): void {
  if (turn.state.isShutDown) return;
  turn.state.isShutDown = true;
  for (const id of [...turn.state.active]) {
    tellToStop(turn, turn.state.workers.get(id)!, "stopped", "");
  }
  finishIfShutDown(turn);
}

function finishIfShutDown(turn: AgentTurn): void {
  const { isShutDown, active } = turn.state;
  if (isShutDown && active.size === 0) turn.effects.push({ type: "finished" });
}
