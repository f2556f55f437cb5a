// Everything that the coordinator knows. The maps are its own and change in place; the records in
// them are immutable values. The indexes (what is due, which workers a node has) are kept so that
// no event costs more than what it is about.

import { createDueQueue, type DueQueue } from "../due-queue.ts";
import type { PlantedBugs } from "../planted-bugs.ts";
import type { TaskStateName } from "../task-state.ts";
import type { AgentCallName } from "./coordinator-events.ts";
import type { TaskRecord } from "./task-transitions.ts";
import type { WorkerRecord } from "./worker-transitions.ts";

export interface CoordinatorOptions {
  /** Between polls of a node that has workers, or may have. */
  readonly pollMs: number;
  readonly idlePollMs: number;
  /** How long a node may be silent after a worker's end before the worker counts as lost. */
  readonly agentLostMs: number;
  readonly retainTasks: number;
  readonly retainForMs: number;
  /** Finished tasks go to an archive before they are dropped. */
  readonly archives: boolean;
  /** Calls to one node at the same time. */
  readonly callsMax: number;
  /** Finished workers of kept tasks that a node goes on listing; the oldest ones are deleted. */
  readonly listedWorkersMax: number;
  /** Workers of tasks that are gone, kept for the sake of nodes that do not answer. */
  readonly forgottenMax: number;
  readonly plantedBugs: PlantedBugs;
}

export interface NodeRecord {
  readonly name: string;
  readonly index: number;
  /** False for a node without an agent port of its own: asked only while it has workers. */
  readonly isAgent: boolean;
  /** Workers that are not over, and those that are to be forgotten. */
  readonly open: Set<bigint>;
  /** Calls that wait for others to end, the latest wish for each worker. */
  readonly waiting: Map<bigint, AgentCallName>;
  /** Calls under way, by agentCallKey. */
  readonly inFlight: Set<string>;
  /** The number of the last poll that was begun. */
  poll: number;
  isPolling: boolean;
  /** One more poll is wanted as soon as the one under way has ended. */
  wantsPoll: boolean;
  isAnswering: boolean;
  /** Monotonic: when it was asked last with success; the coordinator's start before that. */
  lastAnsweredMs: number;
  /** In a row. */
  failedPolls: number;
  /** Active workers of the last poll that nobody here knows. */
  unknown: ReadonlySet<bigint>;
}

export interface CoordinatorState {
  readonly options: CoordinatorOptions;
  /** The id by which agents know this coordinator across its restarts. */
  readonly coordinatorId: string;
  readonly tasks: Map<string, TaskRecord>;
  readonly counts: Record<TaskStateName, number>;
  readonly workers: Map<bigint, WorkerRecord>;
  readonly nodes: Map<string, NodeRecord>;
  /** PENDING tasks by the wall clock. */
  readonly starts: DueQueue<string>;
  /** Nodes by the monotonic clock. */
  readonly polls: DueQueue<string>;
  /** Finished tasks, the oldest first: serial to id. */
  readonly finished: Map<number, string>;
  /** Serials of those that are on their way to the archive. */
  readonly archiving: Set<number>;
  /** Workers that wait to be forgotten by their node, the oldest first. */
  readonly forgotten: Set<bigint>;
  nextWorkerId: bigint;
  nextSerial: number;
}

export interface NewCoordinator {
  readonly options: CoordinatorOptions;
  readonly coordinatorId: string;
  readonly nextWorkerId: bigint;
  readonly nodes: readonly { readonly name: string; readonly isAgent: boolean }[];
  readonly nowMs: number;
  readonly monotonicMs: number;
}

export function newCoordinator(from: NewCoordinator): CoordinatorState {
  const state: CoordinatorState = {
    options: from.options,
    coordinatorId: from.coordinatorId,
    tasks: new Map(),
    counts: { PENDING: 0, RUNNING: 0, STOPPING: 0, DONE: 0 },
    workers: new Map(),
    nodes: new Map(),
    starts: createDueQueue(),
    polls: createDueQueue(),
    finished: new Map(),
    archiving: new Set(),
    forgotten: new Set(),
    nextWorkerId: from.nextWorkerId,
    nextSerial: 1,
  };
  for (const [index, { name, isAgent }] of from.nodes.entries()) {
    state.nodes.set(name, newNode(name, index, isAgent, from.monotonicMs));
    // A thousand nodes are asked one after another, so that nothing else waits for all of them.
    if (isAgent) state.polls.set(name, from.monotonicMs + index);
  }
  return state;
}

function newNode(name: string, index: number, isAgent: boolean, startedMs: number): NodeRecord {
  return {
    name,
    index,
    isAgent,
    open: new Set(),
    waiting: new Map(),
    inFlight: new Set(),
    poll: 0,
    isPolling: false,
    wantsPoll: false,
    isAnswering: false,
    lastAnsweredMs: startedMs,
    failedPolls: 0,
    unknown: new Set(),
  };
}

export const coordinatorDefaults: Omit<CoordinatorOptions, "plantedBugs"> = {
  pollMs: 1000,
  idlePollMs: 5000,
  agentLostMs: 60_000,
  retainTasks: 10_000,
  retainForMs: 7 * 24 * 3_600_000,
  archives: false,
  callsMax: 16,
  listedWorkersMax: 100,
  forgottenMax: 10_000,
};
