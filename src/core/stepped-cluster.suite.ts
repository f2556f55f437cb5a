// The two machines wired to each other without shells, for tests that set the time by hand: as in
// the reference's own tests, the clock stands where it was put, polls come when the test says so,
// and a call takes no time at all.

import type { AgentEffect, AgentEvent } from "./agent/agent-events.ts";
import { recoverAgent } from "./agent/agent-recovery.ts";
import { type AgentState, agentDefaults } from "./agent/agent-state.ts";
import { agentStep } from "./agent/agent-step.ts";
import { workerStateOf } from "./agent/worker-transitions.ts";
import { taskStateOf } from "./coordinator/combined-status.ts";
import type {
  CallAgent,
  CoordinatorEffect,
  CoordinatorEvent,
} from "./coordinator/coordinator-events.ts";
import {
  type CoordinatorOptions,
  type CoordinatorState,
  coordinatorDefaults,
} from "./coordinator/coordinator-state.ts";
import { coordinatorStep } from "./coordinator/coordinator-step.ts";
import { recoverCoordinator } from "./coordinator/recovery.ts";
import { noPlantedBugs } from "./planted-bugs.ts";
import type { Refusal } from "./refusal.ts";
import type { Row, RowUpdate } from "./row-change.ts";
import type { SpecData } from "./spec-data.ts";
import type { TaskState } from "./task-state.ts";
import type { WorkerState } from "./worker-state.ts";

/** Members of an event that the cluster adds. */
type Timeless<Event> = Event extends unknown ? Omit<Event, "nowMs" | "monotonicMs"> : never;

export interface Halt {
  readonly afterMs: number;
  readonly error: string;
}

export interface SteppedClusterOptions {
  readonly nodes?: readonly string[];
  /** The nodes of a task; all of them unless given. */
  readonly targets?: (taskId: string) => readonly string[];
  /** A worker that halts by itself, as the reference's sample task. */
  readonly halts?: (taskId: string, node: string) => Halt | undefined;
  readonly coordinator?: Partial<CoordinatorOptions>;
}

export function noOpSpec(startMs: number, durationMs: number): SpecData {
  const className = "org.apache.kafka.trogdor.task.NoOpTaskSpec";
  const text = `{"class":"${className}","startMs":${startMs},"durationMs":${durationMs}}`;
  return { className, startMs: BigInt(startMs), durationMs, text };
}

export class SteppedAgent {
  state: AgentState;
  isUp = true;
  readonly sent: string[] = [];
  readonly rows = new Map<string, Row>();
  private readonly halting = new Map<bigint, Halt & { readonly dueMs: number }>();
  private refusals = new Map<number, Refusal | undefined>();
  private requests = 0;
  private readonly cluster: SteppedCluster;
  readonly name: string;

  constructor(cluster: SteppedCluster, name: string) {
    this.cluster = cluster;
    this.name = name;
    this.state = this.recover();
  }

  workers(): Map<bigint, WorkerState> {
    const sorted = [...this.state.workers].sort(([a], [b]) => (a < b ? -1 : 1));
    return new Map(sorted.map(([id, worker]) => [id, workerStateOf(worker)]));
  }

  /** A request from whoever; answers its refusal. */
  ask(event: Timeless<Extract<AgentEvent, { request: number }>> | Omit<object, never>) {
    const request = ++this.requests;
    this.post({ ...(event as object), request } as never);
    return this.refusals.get(request);
  }

  create(workerId: bigint, taskId: string, spec: SpecData, coordinatorId = "") {
    return this.ask({ type: "createWorker", workerId, taskId, spec, coordinatorId });
  }

  stop(workerId: bigint, coordinatorId = "") {
    return this.ask({ type: "stopWorker", workerId, coordinatorId });
  }

  destroy(workerId: bigint, coordinatorId = "") {
    return this.ask({ type: "destroyWorker", workerId, coordinatorId });
  }

  post(event: Timeless<AgentEvent>): void {
    const { nowMs } = this.cluster;
    const step = agentStep(this.state, { ...event, nowMs, monotonicMs: nowMs } as AgentEvent);
    keep(this.rows, step.changes);
    for (const effect of step.effects) this.perform(effect);
  }

  tick(): void {
    for (const [workerId, { dueMs, error }] of this.halting) {
      if (dueMs > this.cluster.nowMs) continue;
      this.halting.delete(workerId);
      this.post({ type: "workerStatus", workerId, status: '"halted"' });
      this.post({ type: "workerEnded", workerId, error });
    }
    this.post({ type: "tick" });
  }

  /** With its rows, or with an emptied state folder, as a Java agent. */
  restart({ isEmptied }: { readonly isEmptied: boolean }): void {
    if (isEmptied) this.rows.clear();
    this.halting.clear();
    this.state = this.recover();
  }

  private recover(): AgentState {
    const { nowMs } = this.cluster;
    const options = { ...agentDefaults, plantedBugs: noPlantedBugs };
    const recovered = recoverAgent([...this.rows.values()], options, { nowMs, monotonicMs: nowMs });
    keep(this.rows, recovered.changes);
    return recovered.state;
  }

  private perform(effect: AgentEffect): void {
    switch (effect.type) {
      case "answer":
        this.refusals.set(effect.request, effect.refusal);
        break;
      case "startWorker": {
        const { workerId } = effect;
        const halt = this.cluster.options.halts?.(effect.taskId, this.name);
        const dueMs = this.cluster.nowMs + (halt?.afterMs ?? 0);
        if (halt !== undefined) this.halting.set(workerId, { ...halt, dueMs });
        this.post({ type: "workerStatus", workerId, status: '"active"' });
        this.post({ type: "workerStarted", workerId });
        break;
      }
      case "stopWorker":
        this.halting.delete(effect.workerId);
        this.post({ type: "workerStatus", workerId: effect.workerId, status: '"done"' });
        this.post({ type: "workerEnded", workerId: effect.workerId, error: "" });
    }
  }
}

export class SteppedCluster {
  nowMs = 0;
  readonly options: SteppedClusterOptions;
  readonly agents = new Map<string, SteppedAgent>();
  readonly rows = new Map<string, Row>();
  coordinator: CoordinatorState;
  private pollClockMs = 0;
  private requests = 0;
  private readonly refusals = new Map<number, Refusal | undefined>();

  constructor(options: SteppedClusterOptions = {}) {
    this.options = options;
    for (const name of options.nodes ?? ["node01"]) {
      this.agents.set(name, new SteppedAgent(this, name));
    }
    this.coordinator = this.recover();
  }

  agent(name = "node01"): SteppedAgent {
    return this.agents.get(name)!;
  }

  task(id: string): TaskState | undefined {
    const task = this.coordinator.tasks.get(id);
    return task === undefined ? undefined : taskStateOf(task, this.coordinator.workers);
  }

  createTask(id: string, spec: SpecData) {
    return this.ask({ type: "createTask", id, spec });
  }

  stopTask(id: string) {
    return this.ask({ type: "stopTask", id });
  }

  destroyTask(id: string) {
    return this.ask({ type: "destroyTask", id });
  }

  /** Puts the clock there, lets everything happen that is due, and polls until all is seen. */
  at(nowMs: number): void {
    this.nowMs = nowMs;
    for (const agent of this.agents.values()) agent.tick();
    this.post({ type: "tick" });
    this.poll();
    this.poll();
  }

  /** Polls every node once, while the wall clock stands still. */
  poll(): void {
    this.pollClockMs += 10_000;
    this.post({ type: "tick" });
  }

  restartCoordinator(): void {
    this.coordinator = this.recover();
  }

  post(event: Timeless<CoordinatorEvent>): void {
    const moment = { nowMs: this.nowMs, monotonicMs: this.pollClockMs };
    const step = coordinatorStep(this.coordinator, { ...event, ...moment } as CoordinatorEvent);
    keep(this.rows, step.changes);
    for (const effect of step.effects) this.perform(effect);
  }

  private ask(event: object): Refusal | undefined {
    const request = ++this.requests;
    this.post({ ...event, request } as never);
    return this.refusals.get(request);
  }

  private recover(): CoordinatorState {
    const recovered = recoverCoordinator([...this.rows.values()], {
      options: { ...coordinatorDefaults, plantedBugs: noPlantedBugs, ...this.options.coordinator },
      coordinatorId: "c1",
      nextWorkerId: 0n,
      nodes: [...this.agents.keys()].map((name) => ({ name, isAgent: true })),
      nowMs: this.nowMs,
      monotonicMs: this.pollClockMs,
    });
    keep(this.rows, recovered.changes);
    return recovered.state;
  }

  private perform(effect: CoordinatorEffect): void {
    switch (effect.type) {
      case "answer":
        this.refusals.set(effect.request, effect.refusal);
        break;
      case "findTargets": {
        const { taskId, serial } = effect;
        const nodes = this.options.targets?.(taskId) ?? [...this.agents.keys()];
        this.post({ type: "targetsFound", taskId, serial, nodes, error: "" });
        break;
      }
      case "poll": {
        const { node, poll } = effect;
        const agent = this.agent(node);
        if (!agent.isUp) this.post({ type: "pollFailed", node, poll });
        else this.post({ type: "polled", node, poll, workers: agent.workers() });
        break;
      }
      case "callAgent":
        this.call(effect);
        break;
      case "archive":
        this.post({ type: "archived", serials: effect.tasks.map(({ serial }) => serial) });
    }
  }

  private call({ call, node, workerId, taskId, spec }: CallAgent): void {
    const agent = this.agent(node);
    let refusal: Refusal | undefined = { code: "unavailable", message: "connection refused" };
    if (agent.isUp) {
      agent.sent.push(`${call} ${workerId}`);
      if (call === "create") refusal = agent.create(workerId, taskId, spec!, "c1");
      else refusal = call === "stop" ? agent.stop(workerId, "c1") : agent.destroy(workerId, "c1");
    }
    this.post({ type: "called", call, node, workerId, refusal });
  }
}

function keep(rows: Map<string, Row>, changes: readonly RowUpdate[]): void {
  for (const { table, key, value } of changes) {
    if (value === undefined) rows.delete(`${table} ${key}`);
    else rows.set(`${table} ${key}`, { table, key, value });
  }
}
