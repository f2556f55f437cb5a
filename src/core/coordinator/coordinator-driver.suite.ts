// Drives the coordinator's machine by hand: the test gives every event and sees every effect.

import { noPlantedBugs, type PlantedBug } from "../planted-bugs.ts";
import type { Row, RowUpdate } from "../row-change.ts";
import type { SpecData } from "../spec-data.ts";
import type { TaskState } from "../task-state.ts";
import type { TrogdorErrorCode } from "../trogdor-error.ts";
import type { WorkerState } from "../worker-state.ts";
import { taskStateOf } from "./combined-status.ts";
import type { AgentCallName, CoordinatorEffect, CoordinatorEvent } from "./coordinator-events.ts";
import {
  type CoordinatorOptions,
  type CoordinatorState,
  coordinatorDefaults,
} from "./coordinator-state.ts";
import { coordinatorStep, coordinatorWaitMs } from "./coordinator-step.ts";
import { recoverCoordinator } from "./recovery.ts";

export function spec(startMs = 0, durationMs = 1000): SpecData {
  const text = `{"class":"C","startMs":${startMs},"durationMs":${durationMs}}`;
  return { className: "C", startMs: BigInt(startMs), durationMs, text };
}

export function reported(state: WorkerState["state"], more: object = {}): WorkerState {
  const times = { startedMs: 0, doneMs: 0, status: '"s"', error: "" };
  return { state, taskId: "t", spec: spec(), ...times, ...more } as WorkerState;
}

export interface DriverOptions extends Partial<CoordinatorOptions> {
  readonly nodes?: readonly (string | { readonly name: string; readonly isAgent: boolean })[];
  readonly bug?: PlantedBug;
}

export class CoordinatorDriver {
  nowMs = 1000;
  monotonicMs = 0;
  state: CoordinatorState;
  readonly rows = new Map<string, Row>();
  /** Of the last event. */
  effects: readonly CoordinatorEffect[] = [];
  private readonly options: DriverOptions;
  private requests = 0;

  constructor(options: DriverOptions = {}) {
    this.options = options;
    this.state = this.recover();
  }

  send(event: object): readonly CoordinatorEffect[] {
    const { nowMs, monotonicMs } = this;
    const step = coordinatorStep(this.state, {
      ...event,
      nowMs,
      monotonicMs,
    } as unknown as CoordinatorEvent);
    keep(this.rows, step.changes);
    this.effects = step.effects;
    return step.effects;
  }

  /** What was asked of agents by the last event: `create n1 0`, `poll n1 3`. */
  calls(): string[] {
    return this.effects.flatMap((effect) => {
      if (effect.type === "callAgent") return `${effect.call} ${effect.node} ${effect.workerId}`;
      return effect.type === "poll" ? `poll ${effect.node} ${effect.poll}` : [];
    });
  }

  /** Polls that the machine has asked for and that have no answer. */
  pollOf(node: string): number {
    return this.state.nodes.get(node)!.poll;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.monotonicMs += ms;
    this.send({ type: "tick" });
  }

  create(id = "t", asked = spec()) {
    this.send({ type: "createTask", request: ++this.requests, id, spec: asked });
    return this.answer();
  }

  stop(id = "t") {
    this.send({ type: "stopTask", request: ++this.requests, id });
    return this.answer();
  }

  destroy(id = "t") {
    this.send({ type: "destroyTask", request: ++this.requests, id });
    return this.answer();
  }

  /** Answers the search for nodes, which the last event asked for. */
  found(nodes: readonly string[] | undefined, error = "", taskId = "t"): void {
    const serial = this.state.tasks.get(taskId)?.serial ?? -1;
    this.send({ type: "targetsFound", taskId, serial, nodes, error });
  }

  /** Answers the poll under way, or begins one that is due and answers it. */
  polled(node: string, workers: readonly (readonly [bigint, WorkerState])[] = []): void {
    if (!this.state.nodes.get(node)!.isPolling) this.pass(10_000);
    this.send({ type: "polled", node, poll: this.pollOf(node), workers: new Map(workers) });
  }

  pollFailed(node: string): void {
    if (!this.state.nodes.get(node)!.isPolling) this.pass(10_000);
    this.send({ type: "pollFailed", node, poll: this.pollOf(node) });
  }

  called(call: AgentCallName, node: string, workerId: bigint, code?: TrogdorErrorCode): void {
    const refusal = code === undefined ? undefined : { code, message: `refused (${code})` };
    this.send({ type: "called", call, node, workerId, refusal });
  }

  task(id = "t"): TaskState | undefined {
    const task = this.state.tasks.get(id);
    return task === undefined ? undefined : taskStateOf(task, this.state.workers);
  }

  /** Creates and starts a task on the nodes, all polled and its workers created and RUNNING. */
  running(nodes: readonly string[], id = "t", asked = spec(0, 1_000_000)): bigint[] {
    this.create(id, asked);
    this.found(nodes, "", id);
    const workers = this.state.tasks.get(id)!.workers;
    for (const [node, workerId] of workers) {
      this.polled(node);
      this.called("create", node, workerId);
      this.polled(node, [[workerId, reported("RUNNING", { taskId: id })]]);
    }
    return workers.map(([, workerId]) => workerId);
  }

  waitMs(): number {
    return coordinatorWaitMs(this.state, this.nowMs, this.monotonicMs);
  }

  restart(options: DriverOptions = this.options): void {
    this.state = this.recover(options);
  }

  /** Keys of a table's rows, sorted. */
  stored(table: string): string[] {
    return [...this.rows.values()]
      .filter((row) => row.table === table)
      .map(({ key }) => key)
      .sort();
  }

  private answer() {
    const answer = this.effects.find((effect) => effect.type === "answer");
    return answer?.type === "answer" ? answer.refusal : "no answer";
  }

  private recover(options = this.options): CoordinatorState {
    const { nodes = ["n1", "n2"], bug, ...more } = options;
    const plantedBugs = bug === undefined ? noPlantedBugs : new Set([bug]);
    const recovered = recoverCoordinator([...this.rows.values()], {
      options: { ...coordinatorDefaults, plantedBugs, ...more },
      coordinatorId: "fresh",
      nextWorkerId: 0n,
      nodes: nodes.map((node) => (typeof node === "string" ? { name: node, isAgent: true } : node)),
      nowMs: this.nowMs,
      monotonicMs: this.monotonicMs,
    });
    keep(this.rows, recovered.changes);
    return recovered.state;
  }
}

function keep(rows: Map<string, Row>, changes: readonly RowUpdate[]): void {
  for (const { table, key, value } of changes) {
    if (value === undefined) rows.delete(`${table} ${key}`);
    else rows.set(`${table} ${key}`, { table, key, value });
  }
}
