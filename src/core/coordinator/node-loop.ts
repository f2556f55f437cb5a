// What the answers of one node mean: which workers to create, stop and delete, and which are lost.
// A poll that fails changes nothing but that; what was sent and not answered is asked again.

import type { Refusal } from "../refusal.ts";
import type { WorkerState } from "../worker-state.ts";
import {
  type AgentCallName,
  agentCallKey,
  type Called,
  type Polled,
  type PollFailed,
} from "./coordinator-events.ts";
import type { NodeRecord } from "./coordinator-state.ts";
import { beginPoll, callAgent, planPoll, pollSoon, sendCalls } from "./node-calls.ts";
import { overwriteDone } from "./planted-stale-status.ts";
import { removeWorker, type Turn } from "./turn.ts";
import { changeWorker } from "./worker-changes.ts";
import { isSurelyMissing, type WorkerRecord } from "./worker-transitions.ts";

export function pollDueNodes(turn: Turn): void {
  for (;;) {
    const name = turn.state.polls.take(turn.moment.monotonicMs);
    if (name === undefined) return;
    const node = turn.state.nodes.get(name)!;
    if (!node.isPolling) beginPoll(turn, node);
  }
}

export function polled(turn: Turn, event: Polled): void {
  const node = turn.state.nodes.get(event.node)!;
  const isCurrent = node.isPolling && node.poll === event.poll;
  const bugs = turn.state.options.plantedBugs;
  if (!isCurrent && !bugs.has("staleStatusOverwritesDone")) return;
  if (isCurrent) node.isPolling = false;
  node.isAnswering = true;
  node.lastAnsweredMs = event.nowMs;
  const unknown = new Set<bigint>();
  const listed: bigint[] = [];
  for (const [id, reported] of event.workers) {
    const worker = ownWorker(turn, node, id, reported);
    if (worker === undefined) noteUnknown(turn, node, id, reported, unknown);
    else if (takeReport(turn, node, worker, reported, event.poll)) listed.push(id);
  }
  node.unknown = unknown;
  for (const id of [...node.open]) {
    const reported = event.workers.get(id);
    if (reported === undefined || ownWorker(turn, node, id, reported) === undefined) {
      takeAbsence(turn, node, id, event.poll);
    }
  }
  deleteListed(turn, node, listed);
  if (!node.isPolling) pollAgain(turn, node);
}

export function pollFailed(turn: Turn, event: PollFailed): void {
  const node = turn.state.nodes.get(event.node)!;
  if (!node.isPolling || node.poll !== event.poll) return;
  node.isPolling = false;
  node.wantsPoll = false;
  node.isAnswering = false;
  // The next answer tells again what is to be asked.
  node.waiting.clear();
  for (const id of [...node.open]) loseWorker(turn, node, id);
  planPoll(turn, node);
}

/** Permanent refusals: repeating the create changes nothing. */
const permanent: readonly string[] = ["conflict", "unknownClass", "invalidRequest", "refused"];

export function called(turn: Turn, event: Called): void {
  const { call, workerId, refusal } = event;
  const node = turn.state.nodes.get(event.node)!;
  node.inFlight.delete(agentCallKey(call, workerId));
  const worker = turn.state.workers.get(workerId);
  if (worker !== undefined) takeAnswer(turn, node, worker, call, refusal);
  sendCalls(turn, node);
  const isFirst = call === "create" ? worker?.creates === 1 : worker?.stops === 1;
  if (refusal === undefined && call !== "destroy" && isFirst) node.wantsPoll = true;
  // What the first create or stop of a worker did should be seen at once, not at the next period.
  if (node.wantsPoll && node.inFlight.size === 0) pollSoon(turn, node);
}

function takeAnswer(
  turn: Turn,
  node: NodeRecord,
  worker: WorkerRecord,
  call: AgentCallName,
  refusal: Refusal | undefined,
): void {
  switch (call) {
    case "create": {
      const next = changeWorker(turn, worker, { type: "createEnded", poll: node.poll });
      if (refusal === undefined || !permanent.includes(refusal.code)) return;
      const error = refusalText(node, refusal);
      changeWorker(turn, next, { type: "createRefused", error });
      return;
    }
    case "stop":
      if (refusal === undefined)
        changeWorker(turn, worker, { type: "stopAnswered", poll: node.poll });
      return;
    case "destroy":
      if (refusal !== undefined) return;
      if (worker.wanted === "forget") removeWorker(turn, worker);
      else changeWorker(turn, worker, { type: "gone" });
  }
}

/** Some messages name the node themselves. */
function refusalText({ name }: NodeRecord, { message }: Refusal): string {
  if (message.startsWith(`node ${name} `)) return message;
  return `node ${name} refused the worker: ${message}`;
}

/** The worker here that a node's report is about: same id, same node, same task. */
function ownWorker(
  turn: Turn,
  node: NodeRecord,
  id: bigint,
  reported: WorkerState,
): WorkerRecord | undefined {
  const worker = turn.state.workers.get(id);
  return worker?.node === node.name && worker.taskId === reported.taskId ? worker : undefined;
}

/** As in the reference: noted at one poll, stopped at the next. Finished ones are left alone. */
function noteUnknown(
  turn: Turn,
  node: NodeRecord,
  id: bigint,
  reported: WorkerState,
  unknown: Set<bigint>,
): void {
  if (!runs(reported)) return;
  unknown.add(id);
  if (node.unknown.has(id)) callAgent(turn, node, id, "stop");
}

/** True for a finished worker that only has to be listed. */
function takeReport(
  turn: Turn,
  node: NodeRecord,
  before: WorkerRecord,
  reported: WorkerState,
  poll: number,
): boolean {
  const bugs = turn.state.options.plantedBugs;
  const known = bugs.has("staleStatusOverwritesDone")
    ? overwriteDone(turn, before, reported)
    : before;
  const worker = changeWorker(turn, known, { type: "reported", reported });
  const call = wantedCall(worker, reported, poll);
  if (call !== undefined) callAgent(turn, node, worker.id, call);
  return reported.state === "DONE" && worker.wanted !== "forget";
}

function takeAbsence(turn: Turn, node: NodeRecord, id: bigint, poll: number): void {
  const before = turn.state.workers.get(id);
  if (before === undefined) return;
  const worker = changeWorker(turn, before, { type: "missing", poll });
  const call = wantedCall(worker, undefined, poll);
  if (call !== undefined) callAgent(turn, node, id, call);
}

/** What a poll says to ask for; `reported` undefined: the node does not have the worker. */
export function wantedCall(
  worker: WorkerRecord,
  reported: WorkerState | undefined,
  poll: number,
): AgentCallName | undefined {
  const isForgotten = worker.wanted === "forget";
  if (reported === undefined) {
    if (worker.phase === "DONE") return isForgotten ? "destroy" : undefined;
    if (worker.wanted !== "run") return "stop";
    return isSurelyMissing(worker, poll) ? "create" : undefined;
  }
  if (reported.state === "DONE") return isForgotten ? "destroy" : undefined;
  const shouldRun = worker.wanted === "run" && worker.phase !== "DONE";
  return runs(reported) && !shouldRun ? "stop" : undefined;
}

function runs(reported: WorkerState): boolean {
  return reported.state === "STARTING" || reported.state === "RUNNING";
}

/** Keeps what a node lists, and sends with every poll, within bounds: the oldest ones go. */
function deleteListed(turn: Turn, node: NodeRecord, listed: readonly bigint[]): void {
  const excess = listed.length - turn.state.options.listedWorkersMax;
  for (const id of listed.slice(0, Math.max(0, excess))) callAgent(turn, node, id, "destroy");
}

/**
 * A worker is lost when its end is over, and its node silent, for longer than agentLostMs. Until
 * then the node may come back and tell.
 */
function loseWorker(turn: Turn, node: NodeRecord, id: bigint): void {
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

function pollAgain(turn: Turn, node: NodeRecord): void {
  if (node.wantsPoll && node.inFlight.size === 0) beginPoll(turn, node);
  else planPoll(turn, node);
}
