// What a node's answers to polls mean: which workers to create, stop and delete, which are lost.
// A poll that fails changes nothing but that; what was sent and not answered is asked again.

import type { WorkerState } from "../worker-state.ts";
import type { Polled, PollFailed } from "./coordinator-events.ts";
import type { NodeRecord } from "./coordinator-state.ts";
import { loseWorker } from "./lost-workers.ts";
import { beginPoll, callAgent, planPoll } from "./node-calls.ts";
import { overwriteDone } from "./planted-stale-status.ts";
import type { Turn } from "./turn.ts";
import { runs, wantedCall } from "./wanted-call.ts";
import { changeWorker } from "./worker-changes.ts";
import type { WorkerRecord } from "./worker-transitions.ts";

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
  node.lastAnsweredMs = event.monotonicMs;
  node.failedPolls = 0;
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
  node.failedPolls += 1;
  // The next answer tells again what is to be asked.
  node.waiting.clear();
  for (const id of [...node.open]) loseWorker(turn, node, id);
  planPoll(turn, node);
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

/** Keeps what a node lists, and sends with every poll, within bounds: the oldest ones go. */
function deleteListed(turn: Turn, node: NodeRecord, listed: readonly bigint[]): void {
  const excess = listed.length - turn.state.options.listedWorkersMax;
  for (const id of listed.slice(0, Math.max(0, excess))) callAgent(turn, node, id, "destroy");
}

function pollAgain(turn: Turn, node: NodeRecord): void {
  if (node.wantsPoll && node.inFlight.size === 0) beginPoll(turn, node);
  else planPoll(turn, node);
}
