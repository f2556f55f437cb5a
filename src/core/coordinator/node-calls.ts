// What is asked of one node, and when: polls, one at a time, and calls about its workers, a bounded
// number at a time. A call that has to wait stands in line with the latest wish for its worker.

import { type AgentCallName, agentCallKey } from "./coordinator-events.ts";
import type { NodeRecord } from "./coordinator-state.ts";
import type { Turn } from "./turn.ts";
import { type WorkerRecord, workerStep } from "./worker-transitions.ts";

/** Less than this before the next regular poll no regular poll is planned. */
const pollGapMs = 100;

/** Polls are due at multiples of this, so that a few nodes share one look at the time. */
const pollGrainMs = 20;

/** So long after a worker's end its node is asked, so that the end is seen soon. */
const endSeenMs = 20;

export function beginPoll(turn: Turn, node: NodeRecord): void {
  node.poll += 1;
  node.isPolling = true;
  node.wantsPoll = false;
  turn.state.polls.delete(node.name);
  turn.effects.push({ type: "poll", node: node.name, poll: node.poll });
}

/** Polls now, or once more when the poll under way has ended. */
export function pollSoon(turn: Turn, node: NodeRecord): void {
  if (node.isPolling) node.wantsPoll = true;
  else beginPoll(turn, node);
}

/**
 * Plans the next regular poll. Each node has its own phase of the period, so a thousand nodes are
 * spread over it, also after something that touched all of them at once.
 */
export function planPoll(turn: Turn, node: NodeRecord): void {
  const { options, nodes, polls } = turn.state;
  const hasWorkers = node.open.size > 0 || node.unknown.size > 0;
  if (!hasWorkers && !node.isAgent) return;
  const periodMs = hasWorkers ? options.pollMs : options.idlePollMs;
  const phaseMs = Math.floor((node.index * periodMs) / nodes.size);
  const earliestMs = turn.moment.monotonicMs + Math.min(pollGapMs, periodMs);
  const periods = Math.ceil((earliestMs - phaseMs) / periodMs);
  const endMs = Math.max(earliestMs, nextEndMs(turn, node) + endSeenMs);
  const dueMs = Math.min(periods * periodMs + phaseMs, endMs);
  polls.set(node.name, Math.ceil(dueMs / pollGrainMs) * pollGrainMs);
}

/** When the next of the node's workers runs out of time, on the monotonic clock. */
function nextEndMs(turn: Turn, node: NodeRecord): number {
  const { state, moment } = turn;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const id of node.open) {
    const worker = state.workers.get(id);
    const task = state.tasks.get(worker?.taskId ?? "");
    if (worker === undefined || task === undefined || worker.wanted === "forget") continue;
    const endMs = Number(task.spec.startMs) + task.spec.durationMs;
    if (endMs > moment.nowMs && endMs < nextMs) nextMs = endMs;
  }
  return nextMs - moment.nowMs + moment.monotonicMs;
}

/** Puts a call in line and sends what may be sent. */
export function callAgent(
  turn: Turn,
  node: NodeRecord,
  workerId: bigint,
  call: AgentCallName,
): void {
  if (node.inFlight.has(agentCallKey(call, workerId))) return;
  node.waiting.set(workerId, call);
  sendCalls(turn, node);
}

export function sendCalls(turn: Turn, node: NodeRecord): void {
  for (const [workerId, call] of node.waiting) {
    if (node.inFlight.size >= turn.state.options.callsMax) return;
    node.waiting.delete(workerId);
    sendCall(turn, node, workerId, call);
  }
}

function sendCall(turn: Turn, node: NodeRecord, workerId: bigint, call: AgentCallName): void {
  const worker = turn.state.workers.get(workerId);
  if (worker !== undefined && !isStillWanted(turn, worker, call)) return;
  const task = worker === undefined ? undefined : turn.state.tasks.get(worker.taskId);
  if (call === "create" && task === undefined) return;
  if (worker !== undefined && call !== "destroy") {
    const type = call === "create" ? "createSent" : "stopSent";
    turn.state.workers.set(workerId, workerStep(worker, { type }));
  }
  node.inFlight.add(agentCallKey(call, workerId));
  turn.effects.push({
    type: "callAgent",
    call,
    node: node.name,
    workerId,
    taskId: worker?.taskId ?? "",
    spec: call === "create" ? (task?.workerSpec ?? task?.spec) : undefined,
  });
}

/** While a call stood in line its worker may have ended, or may have to stop. */
function isStillWanted(turn: Turn, worker: WorkerRecord, call: AgentCallName): boolean {
  const bugs = turn.state.options.plantedBugs;
  if (call === "stop" && bugs.has("lostStop")) return worker.stops === 0;
  return call !== "create" || (worker.wanted === "run" && worker.phase !== "DONE");
}
