// The coordinator's shell: requests become events, effects become calls to agents, and what those
// answer becomes events again. It opens no socket and no file; everything it touches is passed in.

import { taskStateOf } from "../../core/coordinator/combined-status.ts";
import type {
  CoordinatorEffect,
  CoordinatorEvent,
} from "../../core/coordinator/coordinator-events.ts";
import {
  type CoordinatorOptions,
  type CoordinatorState,
  coordinatorDefaults,
} from "../../core/coordinator/coordinator-state.ts";
import { coordinatorStep, coordinatorWaitMs } from "../../core/coordinator/coordinator-step.ts";
import { recoverCoordinator } from "../../core/coordinator/recovery.ts";
import { noPlantedBugs } from "../../core/planted-bugs.ts";
import type { SpecData } from "../../core/spec-data.ts";
import type { Topology } from "../../core/topology.ts";
import { errorText } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Store } from "../../platform/store/store.ts";
import type { ConnectAgent } from "../../rest/agent-calls.ts";
import type { ExtendedCoordinatorService } from "../../rest/coordinator-extras.ts";
import type { SpecCatalog } from "../../spec/spec-catalog.ts";
import { createMachineLoop } from "../machine-loop.ts";
import { momentOf } from "../moment-of.ts";
import { createPendingRequests } from "../pending-requests.ts";
import { createAgentCaller } from "./agent-caller.ts";
import { type CoordinatorMetrics, coordinatorMetrics } from "./coordinator-metrics.ts";
import { mergedStatus } from "./merged-status.ts";
import { createNodeBook } from "./node-book.ts";
import { createPerformer } from "./perform-effect.ts";
import { type ReachableNode, reachableNodes } from "./reachable-nodes.ts";
import type { TaskArchive } from "./task-archive.ts";
import { createTaskView } from "./task-view.ts";

export interface CoordinatorSetup {
  readonly store: Store;
  readonly clock: Clock;
  /** Makes the calls under the id by which agents know this coordinator. */
  connectAgents(coordinatorId: string): ConnectAgent;
  readonly catalog: SpecCatalog;
  readonly topology: Topology;
  readonly log: Log;
  readonly ids: CoordinatorIds;
  readonly options?: Partial<CoordinatorDaemonOptions>;
  /** Where finished tasks go when they are dropped; absent: nowhere. */
  readonly archive?: TaskArchive;
  /** Finds the targets that a spec leaves to be found: see PerformerParts. */
  resolveSpec?(spec: SpecData): Promise<SpecData | undefined> | undefined;
}

/** Asked once in the life of a store. */
export interface CoordinatorIds {
  coordinatorId(): string;
  firstWorkerId(): bigint;
}

export interface CoordinatorDaemonOptions extends CoordinatorOptions {
  /** The longest wait for an answer to a call, and to a create. */
  readonly callTimeoutMs: number;
  readonly createTimeoutMs: number;
}

export interface CoordinatorDaemon extends ExtendedCoordinatorService {
  /** Resolves when the daemon has ended, rejects when its store failed. */
  readonly ended: Promise<void>;
  /** Finishes what was asked so far and ends; agents and workers go on. */
  close(): Promise<void>;
  metrics(): CoordinatorMetrics;
}

export async function startCoordinator(setup: CoordinatorSetup): Promise<CoordinatorDaemon> {
  const { clock, log } = setup;
  const options = daemonOptions(setup);
  const serverStartMs = clock.nowMs();
  const nodes = reachableNodes(setup.topology);
  const state = await recovered(setup, options, nodes);
  const view = createTaskView();
  for (const [id, task] of state.tasks) view.set(id, taskStateOf(task, state.workers));
  const requests = createPendingRequests();
  const book = createNodeBook(nodes, log);
  const post = (event: CoordinatorEvent) => loop.post(event);
  const connect = setup.connectAgents(state.coordinatorId);
  const caller = createAgentCaller({ ...options, nodes, connect, clock, log, book, post });
  const loop = createMachineLoop<CoordinatorEvent, CoordinatorEffect>(
    {
      step: (event) => coordinatorStep(state, event),
      waitMs: () => coordinatorWaitMs(state, clock.nowMs(), clock.nowUs() / 1000),
      tick: () => ({ type: "tick", ...momentOf(clock) }),
      perform: createPerformer({ ...setup, view, requests, caller, post }),
    },
    { store: setup.store, clock, plantedBugs: options.plantedBugs },
  );
  loop.ended
    .catch((error) => log.error("the store failed; the daemon ends", { error: errorText(error) }))
    .finally(() => {
      caller.close();
      requests.refuseAll({ code: "unavailable", message: "the coordinator is shutting down" });
    });
  const ask = (makeEvent: (request: number) => CoordinatorEvent) =>
    requests.ask((request) => post(makeEvent(request)));
  const stopTask = (id: string) =>
    ask((request) => ({ type: "stopTask", request, id, ...momentOf(clock) }));
  loop.start();
  return {
    serverStartMs,
    nowMs: () => clock.nowMs(),
    createTask: (id, spec) =>
      ask((request) => ({ type: "createTask", request, id, spec, ...momentOf(clock) })),
    stopTask,
    destroyTask: (id) =>
      ask((request) => ({ type: "destroyTask", request, id, ...momentOf(clock) })),
    tasks: (filter) => view.matching(filter),
    task: (id) => view.get(id),
    async shutdown(stopAgents) {
      if (stopAgents) await caller.shutDownAgents();
      void loop.end();
    },
    nodes: () => book.states(),
    async stopAll() {
      const ids = view.unfinishedIds();
      await Promise.all(ids.map(stopTask));
      return ids.length;
    },
    merged: mergedStatus,
    ended: loop.ended,
    close: () => loop.end(),
    metrics: () => coordinatorMetrics(state, book, caller, loop.figures),
  };
}

function daemonOptions({ options }: CoordinatorSetup): CoordinatorDaemonOptions {
  return {
    ...coordinatorDefaults,
    plantedBugs: noPlantedBugs,
    callTimeoutMs: 10_000,
    createTimeoutMs: 30_000,
    ...options,
  };
}

async function recovered(
  { store, clock, ids, log, archive }: CoordinatorSetup,
  options: CoordinatorOptions,
  nodes: readonly ReachableNode[],
): Promise<CoordinatorState> {
  const rows = await store.load();
  const { state, changes } = recoverCoordinator(rows, {
    options: { ...options, archives: archive !== undefined },
    coordinatorId: ids.coordinatorId(),
    nextWorkerId: ids.firstWorkerId(),
    nodes,
    ...momentOf(clock),
  });
  if (changes.length > 0) await store.commit(changes);
  const { PENDING: pending, RUNNING: running, STOPPING: stopping, DONE: done } = state.counts;
  if (state.tasks.size > 0) log.info("tasks recovered", { pending, running, stopping, done });
  return state;
}
