// The agent's shell: requests and what workers tell become events, effects become starts and stops
// of workers. It opens no socket and no file; everything it touches is passed in.

import type { AgentEffect, AgentEvent } from "../../core/agent/agent-events.ts";
import { recoverAgent } from "../../core/agent/agent-recovery.ts";
import { type AgentOptions, agentDefaults } from "../../core/agent/agent-state.ts";
import { agentStep, agentWaitMs } from "../../core/agent/agent-step.ts";
import { workerStateOf } from "../../core/agent/worker-transitions.ts";
import { noPlantedBugs } from "../../core/planted-bugs.ts";
import { isSameSpec } from "../../core/same-spec.ts";
import type { Topology } from "../../core/topology.ts";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Store } from "../../platform/store/store.ts";
import type { ExtendedAgentService } from "../../rest/agent-extras.ts";
import type { WorkerRequest } from "../../rest/agent-service.ts";
import type { Caller } from "../../rest/caller.ts";
import type { TaskCatalog } from "../../tasks/spec-catalog.ts";
import { createMachineLoop } from "../machine-loop.ts";
import { momentOf } from "../moment-of.ts";
import { createPendingRequests } from "../pending-requests.ts";
import { type AgentMetrics, agentMetrics } from "./agent-metrics.ts";
import type { WorkerRunner } from "./worker-runner.ts";
import { createWorkerSet } from "./worker-set.ts";
import { createWorkerView } from "./worker-view.ts";

export interface AgentSetup {
  readonly store: Store;
  readonly clock: Clock;
  readonly runner: WorkerRunner;
  readonly catalog: TaskCatalog;
  /** The name of the node that this agent is. */
  readonly node: string;
  readonly topology: Topology;
  readonly log: Log;
  readonly options?: Partial<AgentDaemonOptions>;
}

export interface AgentDaemonOptions extends AgentOptions {
  /** How long the answer to a create waits for the worker's start. */
  readonly createAnswerMs: number;
}

export interface AgentDaemon extends ExtendedAgentService {
  stopAll(caller: Caller): Promise<number>;
  /** Resolves when somebody asked the daemon to end. */
  readonly ending: Promise<void>;
  /** Resolves when all workers and the daemon have ended, rejects when its store failed. */
  readonly ended: Promise<void>;
  /** Stops all workers and ends. */
  close(): Promise<void>;
  metrics(): AgentMetrics;
}

export async function startAgent(setup: AgentSetup): Promise<AgentDaemon> {
  const { store, clock, catalog, log, runner } = setup;
  const options = { ...agentDefaults, plantedBugs: noPlantedBugs, createAnswerMs: 5000 };
  const { plantedBugs, createAnswerMs, ...core } = { ...options, ...setup.options };
  const serverStartMs = clock.nowMs();
  const rows = await store.load();
  const recovered = recoverAgent(rows, { ...core, plantedBugs }, momentOf(clock));
  const { state } = recovered;
  if (recovered.changes.length > 0) await store.commit(recovered.changes);
  if (state.workers.size > 0) log.info("workers recovered", { workers: state.workers.size });

  const view = createWorkerView();
  for (const worker of state.workers.values()) view.set(worker.id, workerStateOf(worker));
  const requests = createPendingRequests();
  const post = (event: AgentEvent) => loop.post(event);
  const workers = createWorkerSet({ ...setup, post });
  const ending = Promise.withResolvers<void>();

  function perform(effect: AgentEffect): void {
    switch (effect.type) {
      case "answer":
        requests.answer(effect.request, effect.refusal);
        break;
      case "show":
        view.set(effect.workerId, effect.worker);
        break;
      case "startWorker":
        workers.start(effect.workerId, effect.taskId, effect.spec);
        break;
      case "stopWorker":
        workers.stop(effect.workerId, effect.reason);
        break;
      case "finished":
        void loop.end();
    }
  }

  const loop = createMachineLoop<AgentEvent, AgentEffect>(
    {
      step: (event) => agentStep(state, event),
      waitMs: () => agentWaitMs(state, clock.nowUs() / 1000),
      tick: () => ({ type: "tick", ...momentOf(clock) }),
      perform,
    },
    { store, clock, plantedBugs },
  );
  const ended = endOf(loop.ended, runner, log).finally(() => {
    requests.refuseAll({ code: "unavailable", message: "WorkerManager is shut down." });
  });
  ended.catch(() => {});
  const ask = (makeEvent: (request: number) => AgentEvent) =>
    requests.ask((request) => post(makeEvent(request)));

  async function createWorker(request: WorkerRequest, caller: Caller): Promise<void> {
    const { workerId, spec } = request;
    if (catalog.runsCommand(spec) && !(await caller.mayRunCommands())) throw commandRefused();
    const { coordinatorId } = caller;
    const answered = new AbortController();
    const answer = ask((number) => ({
      ...request,
      type: "createWorker",
      request: number,
      coordinatorId,
      ...momentOf(clock),
    })).finally(() => answered.abort("answered"));
    await Promise.race([answer, clock.sleep(createAnswerMs, answered.signal)]);
    // What is on disk is answered although it has not started; a slow disk is waited for.
    const stored = view.workers().get(workerId);
    if (stored?.taskId !== request.taskId || !isSameSpec(stored.spec.text, spec.text)) await answer;
  }

  const stopWorker = (workerId: bigint, { coordinatorId }: Caller) =>
    ask((request) => ({
      type: "stopWorker",
      request,
      workerId,
      coordinatorId,
      ...momentOf(clock),
    }));

  function shutDown(): void {
    ending.resolve();
    post({ type: "shutdown", ...momentOf(clock) });
  }

  for (const { id, taskId, spec } of recovered.restarted) workers.start(id, taskId, spec);
  loop.start();
  return {
    serverStartMs,
    nowMs: () => clock.nowMs(),
    status: () => ({ serverStartMs, workers: view.workers() }),
    polled: () => post({ type: "agentPolled", shown: view.workers(), ...momentOf(clock) }),
    createWorker,
    stopWorker,
    destroyWorker: (workerId, { coordinatorId }) =>
      ask((request) => ({
        type: "destroyWorker",
        request,
        workerId,
        coordinatorId,
        ...momentOf(clock),
      })),
    async shutdown() {
      shutDown();
    },
    async stopAll(caller) {
      const ids = view.unfinishedIds();
      await Promise.all(ids.map((id) => stopWorker(id, caller)));
      return ids.length;
    },
    ending: ending.promise,
    ended,
    close() {
      shutDown();
      return ended;
    },
    metrics: () => agentMetrics(state, workers.counts, loop.figures),
  };
}

/** Whatever ended the loop: no worker outlives the agent. */
async function endOf(ended: Promise<void>, runner: WorkerRunner, log: Log): Promise<void> {
  try {
    await ended;
  } catch (error) {
    log.error("the store failed; the daemon ends", { error: errorText(error) });
    throw error;
  } finally {
    await runner.close();
  }
}

function commandRefused(): TrogdorError {
  return new TrogdorError(
    "refused",
    "What names a command of its own runs only for callers that are trusted: give the agent " +
      "--token-file or TLS, call it as its own user, or start it with --insecure",
  );
}
