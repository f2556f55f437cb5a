// What callers ask of the agent: create, stop and destroy a worker.

import { isSameSpec } from "../same-spec.ts";
import type { TrogdorErrorCode } from "../trogdor-error.ts";
import type { CreateWorker, DestroyWorker, StopWorker } from "./agent-events.ts";
import { type AgentTurn, putWorker, removeWorker } from "./agent-turn.ts";
import { buriedAs, bury, exhume } from "./tombstones.ts";
import { type AgentWorker, agentWorkerStep, newAgentWorker } from "./worker-transitions.ts";

export function createWorker(turn: AgentTurn, event: CreateWorker): void {
  const { workerId: id, request, coordinatorId } = event;
  const { state } = turn;
  if (state.isShutDown) {
    refuse(turn, request, "unavailable", "WorkerManager is shut down.");
    return;
  }
  const existing = state.workers.get(id);
  if (existing !== undefined && !state.options.plantedBugs.has("duplicateCreate")) {
    createAgain(turn, event, existing);
    return;
  }
  const buried = buriedAs(turn, id, coordinatorId);
  if (buried === "destroyed") {
    grant(turn, request);
    return;
  }
  exhume(turn, id);
  const fresh = newAgentWorker(id, event.taskId, event.spec, event.nowMs, coordinatorId);
  const worker =
    buried === undefined
      ? fresh
      : agentWorkerStep(fresh, { type: "ended", nowMs: event.nowMs, error: buriedErrors[buried] });
  putWorker(turn, existing, worker);
  if (worker.state === "DONE") {
    grant(turn, request);
    return;
  }
  state.ends.set(id, turn.moment.monotonicMs + remainingMs(turn, worker));
  state.heardMs = turn.moment.monotonicMs;
  wait(turn, id, request);
  turn.effects.push({ type: "startWorker", workerId: id, taskId: event.taskId, spec: event.spec });
}

export function stopWorker(turn: AgentTurn, event: StopWorker): void {
  const worker = turn.state.workers.get(event.workerId);
  if (worker !== undefined) tellToStop(turn, worker, "stopped", "");
  else if (!turn.state.tombstones.has(event.workerId)) {
    bury(turn, event.workerId, event.coordinatorId, "stopped");
  }
  grant(turn, event.request);
}

export function destroyWorker(turn: AgentTurn, event: DestroyWorker): void {
  const { workerId, coordinatorId } = event;
  const worker = turn.state.workers.get(workerId);
  if (worker === undefined) bury(turn, workerId, coordinatorId, "destroyed");
  else {
    tellToStop(turn, worker, "stopped", "");
    const asked = turn.state.workers.get(workerId)!;
    const destroyed = agentWorkerStep(asked, { type: "destroy", by: coordinatorId });
    putWorker(turn, asked, destroyed);
    leaveIfDestroyed(turn, destroyed);
  }
  grant(turn, event.request);
}

/**
 * Stops a worker; `error` is its end's unless it has one of its own. Who is ending because its time
 * is over may take long for that, until somebody stops it as well.
 */
export function tellToStop(
  turn: AgentTurn,
  worker: AgentWorker,
  reason: "expired" | "stopped",
  error: string,
): void {
  if (worker.state === "DONE") return;
  const next = agentWorkerStep(worker, { type: "stop", error });
  putWorker(turn, worker, next);
  turn.state.ends.delete(worker.id);
  turn.effects.push({ type: "stopWorker", workerId: worker.id, reason });
  answerWaiting(turn, worker.id);
}

/** A worker that is over and unwanted leaves; its id is remembered for who wanted that. */
export function leaveIfDestroyed(turn: AgentTurn, worker: AgentWorker): void {
  if (worker.state !== "DONE" || worker.destroyedBy === undefined) return;
  removeWorker(turn, worker.id);
  bury(turn, worker.id, worker.destroyedBy, "destroyed");
}

export function answerWaiting(turn: AgentTurn, workerId: bigint): void {
  for (const request of turn.state.waiting.get(workerId) ?? []) grant(turn, request);
  turn.state.waiting.delete(workerId);
}

const buriedErrors = {
  stopped: "the worker was stopped before it was created",
  finished: "the agent no longer knows how this worker ended",
} as const;

/** The same again is fine, whatever became of it; anything else is a conflict. */
function createAgain(turn: AgentTurn, event: CreateWorker, existing: AgentWorker): void {
  const { workerId, taskId, spec, request } = event;
  const differs =
    existing.taskId !== taskId
      ? "a different task ID"
      : !isSameSpec(existing.spec.text, spec.text)
        ? "a different task spec"
        : undefined;
  if (differs !== undefined) {
    const message = `There is already a worker ID ${workerId} with ${differs}.`;
    refuse(turn, request, "conflict", message);
    return;
  }
  if (existing.state === "STARTING") wait(turn, workerId, request);
  else grant(turn, request);
}

function wait(turn: AgentTurn, workerId: bigint, request: number): void {
  const { waiting } = turn.state;
  waiting.set(workerId, [...(waiting.get(workerId) ?? []), request]);
}

/** From startMs on by this node's clock, whenever the create came. */
function remainingMs(turn: AgentTurn, { spec }: AgentWorker): number {
  if (turn.state.options.plantedBugs.has("wrongClock")) return spec.durationMs;
  return Number(spec.startMs + BigInt(spec.durationMs)) - turn.moment.nowMs;
}

function grant(turn: AgentTurn, request: number): void {
  turn.effects.push({ type: "answer", request, refusal: undefined });
}

function refuse(turn: AgentTurn, request: number, code: TrogdorErrorCode, message: string): void {
  turn.effects.push({ type: "answer", request, refusal: { code, message } });
}
