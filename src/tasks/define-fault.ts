// What a fault is: how it looks before it changes anything (plan), how it takes effect (apply), how
// one sees that it is in force (probe), and how everything is put back (undo). The fault runner
// (fault-runner.ts) does the rest, in one place: journal, order, time, errors.

import type { Topology } from "../core/topology.ts";
import type { Clock } from "../platform/clock/clock.ts";
import type { Commands } from "../platform/commands/commands.ts";
import type { Files } from "../platform/files/files.ts";
import type { Log } from "../platform/log/log.ts";
import type { Names } from "../platform/names/names.ts";
import type { NativePrograms } from "../platform/native-programs/native-programs.ts";
import type { ProcessTable } from "../platform/process-table/process-table.ts";
import type { Processes } from "../platform/processes/processes.ts";
import type { SystemClock } from "../platform/system-clock/system-clock.ts";
import type { StatusJson } from "./status-json.ts";

/** The node under a fault. */
export interface FaultNode {
  readonly clock: Clock;
  readonly commands: Commands;
  readonly names: Names;
  readonly processTable: ProcessTable;
  readonly files: Files;
  readonly systemClock: SystemClock;
  /** Whether a fault may begin to change that clock. */
  readonly allowsClock?: boolean;
  /** Starts processes that end with this one; absent in a clean-up, which needs none. */
  readonly processes?: Processes;
  /** Where the small programs are that the executable carries; absent in a clean-up. */
  readonly nativePrograms?: NativePrograms;
}

export interface FaultContext extends FaultNode {
  readonly taskId: string;
  readonly workerId: bigint;
  readonly node: string;
  readonly topology: Topology;
  readonly log: Log;
}

/** A plan in words, for `trogdor exec --plan`. */
export interface PlanSteps {
  /** Who is hit: an address, a process, a device, a file. */
  readonly targets: readonly string[];
  /** What changes the node, where there is a choice: `nft`. */
  readonly by?: string;
  /** Commands, or sentences where there is no command. */
  readonly apply: readonly string[];
  readonly undo: readonly string[];
}

/** What a fault that goes on acting while it is in force has for it. */
export interface FaultAction {
  /** Aborts when the fault ends. */
  readonly signal: AbortSignal;
  /** Replaces the status. */
  report(status: StatusJson): void;
  /** Puts figures beside the fault's words, where they stay to the end. */
  tell(figures: Figures): void;
}

export type Figures = Readonly<Record<string, StatusJson>>;

/**
 * `Plan` is plain JSON and holds all that apply, probe and undo need: undo runs in another process
 * after a crash, with nothing but the plan.
 */
export interface Fault<Spec, Plan> {
  /** Looks and decides; changes nothing. Throws when the fault cannot be. */
  plan(spec: Spec, context: FaultContext): Promise<Plan>;
  steps(plan: Plan): PlanSteps;
  /** May fail half-way: undo follows then. */
  apply(plan: Plan, node: FaultNode): Promise<void>;
  /**
   * Reads the effect back from the kernel, in another way than it was made, and consumes nothing.
   * Answers "" when the fault is in force, else one sentence: what was expected and what was seen.
   */
  probe(plan: Plan, node: FaultNode): Promise<string>;
  /** Acts while the fault is in force, until the signal aborts; an error ends the fault. */
  during?(plan: Plan, node: FaultNode, action: FaultAction): Promise<void>;
  /** Puts everything back. Repeating it changes nothing; what has vanished is done. */
  undo(plan: Plan, node: FaultNode): Promise<void>;
  /** Two at once on a node would each put back what the other one had made. */
  readonly isAlone?: true;
  /** Probed once more at its end: what takes it away may leave no trace for the next look. */
  readonly isProbedAtEnd?: true;
  /** What it changes is still there after a reboot (a file); rules and processes are not. */
  readonly survivesReboot?: true;
  /** What to tell of a plan that a reboot has ended; nothing without it. */
  afterReboot?(plan: Plan): string;
  /** The status texts of the reference. */
  readonly words: FaultWords<Spec, Plan>;
}

export interface FaultWords<Spec, Plan> {
  applying(spec: Spec, taskId: string): string;
  applied(spec: Spec, taskId: string, plan: Plan): string;
  undoing(spec: Spec, taskId: string): string;
  undone(spec: Spec, taskId: string): string;
}

/** Forgets the types; a plan reaches only the fault that made it. */
export type AnyFault = Fault<unknown, unknown>;

export function defineFault<Spec, Plan>(fault: Fault<Spec, Plan>): AnyFault {
  return fault as unknown as AnyFault;
}
