// Runs a fault, the same way for all of them: plan, journal (on disk before the first change),
// apply, probe, hold, undo, forget. A fault that has no effect fails; one that loses its effect
// while it should hold fails too; and whatever fails, what was changed is undone.

import { errorText, TrogdorError } from "../core/trogdor-error.ts";
import type { UndoEntry } from "../platform/undo-journal/undo-journal.ts";
import type { AnyFault, Figures } from "./define-fault.ts";
import type { FaultHost, TaskSpec, Worker, WorkerContext } from "./define-task.ts";
import { guardedUndo, leaveToTheGuard } from "./guarded-undo.ts";
import type { KafkaTarget } from "./kafka-targets/kafka-target.ts";
import type { StatusJson } from "./status-json.ts";

/** How long after its end a fault of a live owner is taken to be forgotten. */
export const forgottenAfterUs = 1_000_000;
/** How often a fault in force is looked at. */
export const probeEveryMs = 5_000;

/** The worker of a fault's task type. */
export function faultWorker(loadFault: () => Promise<AnyFault>): Worker<unknown> {
  return async (spec, context) => {
    const host = context.faultHost;
    if (host === undefined) throw new Error("a fault needs a node that it may change");
    const telling = tellingMore(spec as TargetedSpec, context);
    await runFault(await loadFault(), spec as TaskSpec, telling, host);
  };
}

interface TargetedSpec {
  readonly kafkaTarget?: KafkaTarget | undefined;
}

interface TellingContext extends WorkerContext {
  /** Puts figures beside the words of now and of later. */
  tell(figures: Figures): void;
}

/** Who was found to be meant and the fault's figures stand in the status, beside its own words. */
function tellingMore({ kafkaTarget }: TargetedSpec, context: WorkerContext): TellingContext {
  const { who, resolved } = kafkaTarget ?? {};
  let beside: Figures | undefined;
  if (who !== undefined && resolved !== undefined) beside = { target: { who, ...resolved } };
  let state: StatusJson = "";
  const report = (words: StatusJson) => {
    state = words;
    context.report(beside === undefined ? state : { state, ...beside });
  };
  const tell = (figures: Figures) => {
    beside = { ...beside, ...figures };
    report(state);
  };
  return { ...context, report, tell };
}

async function runFault(
  fault: AnyFault,
  spec: TaskSpec,
  context: TellingContext,
  host: FaultHost,
): Promise<void> {
  const { taskId } = context;
  context.report(fault.words.applying(spec, taskId));
  const plan = await fault.plan(spec, { ...context, ...host.node });
  await host.atStep?.("planned");
  const entry = journalEntry(plan, spec, context, host);
  if (fault.isAlone === true) await mustBeAlone(entry, host);
  await host.journal.write(entry);
  let failure: unknown;
  try {
    host.guard?.watchFault(entry.id, entry.endUs);
    await host.atStep?.("journalled");
    await inForce(fault, plan, { spec, context, host, entry });
  } catch (error) {
    failure = error;
  }
  context.report(fault.words.undoing(spec, taskId));
  const lateUs = host.bootTimeUs() - entry.endUs;
  const wasForgotten = !(await host.journal.stands(entry.id));
  const undoing = { fault, plan, entry, context, host };
  const undoFailure = await guardedUndo(undoing);
  if (undoFailure === undefined) await forget(entry, host);
  else await leaveToTheGuard(undoing);
  const slip = wasForgotten ? undoneByOthers : lateUs > forgottenAfterUs ? heldTooLong(lateUs) : "";
  if (slip !== "") throw both(slipped(slip, failure), undoFailure);
  if (failure !== undefined) throw both(failure, undoFailure);
  if (undoFailure !== undefined) throw undoFailure;
  context.report(fault.words.undone(spec, taskId));
}

async function mustBeAlone({ className }: UndoEntry, { journal }: FaultHost): Promise<void> {
  const other = (await journal.entries()).find((one) => one.className === className);
  if (other === undefined) return;
  const message = `task ${other.taskId} is such a fault of this node already; end that one first`;
  throw new TrogdorError("task", message);
}

interface Run {
  readonly spec: TaskSpec;
  readonly context: TellingContext;
  readonly host: FaultHost;
  readonly entry: UndoEntry;
}

/** Applies the fault and holds it until the signal. */
async function inForce(fault: AnyFault, plan: unknown, run: Run): Promise<void> {
  const { spec, context, host, entry } = run;
  if (context.signal.aborted) return;
  // This process may have hung until the fault was over.
  if (!(await host.journal.stands(entry.id))) return;
  await fault.apply(plan, host.node);
  await host.atStep?.("applied");
  if (!(await host.journal.stands(entry.id))) return;
  await mustBeInForce(fault, plan, host);
  context.report(fault.words.applied(spec, context.taskId, plan));
  context.started?.();
  const ending = new AbortController();
  const signal = AbortSignal.any([context.signal, ending.signal]);
  const { report, tell } = context;
  const acting = fault.during?.(plan, host.node, { signal, report, tell });
  try {
    const failing = acting?.then(() => new Promise<never>(() => {})) ?? [];
    await Promise.race([hold(fault, plan, { ...context, signal }, host), failing].flat());
  } finally {
    ending.abort();
    // It may be in the middle of something: that has to be over before it is undone.
    await acting?.catch(() => {});
  }
}

async function forget(entry: UndoEntry, host: FaultHost): Promise<void> {
  await host.atStep?.("undone");
  await host.journal.remove(entry.id);
  host.guard?.forgetFault(entry.id);
}

const undoneByOthers =
  "this process hung, or was too busy, when the fault was over, so the guard undid the fault in " +
  "its place";

function heldTooLong(lateUs: number): string {
  const seconds = (lateUs / 1e6).toFixed(1);
  const why = "this process hung, or was too busy to end it";
  return `the fault held ${seconds} s longer than asked: ${why}`;
}

/** What the process saw in between may only follow from that. */
function slipped(slip: string, failure: unknown): TrogdorError {
  const also = failure === undefined ? "" : `; before that: ${errorText(failure)}`;
  return new TrogdorError("task", `${slip}${also}`);
}

/** Until the signal; throws when the fault is no longer in force. */
async function hold(
  fault: AnyFault,
  plan: unknown,
  context: WorkerContext,
  host: FaultHost,
): Promise<void> {
  for (;;) {
    await context.clock.sleep(probeEveryMs, context.signal);
    const isOver = context.signal.aborted;
    if (isOver && fault.isProbedAtEnd !== true) return;
    const problem = await fault.probe(plan, host.node);
    if (isOver && problem === "") return;
    if (!isOver && (context.signal.aborted || problem === "")) continue;
    throw new TrogdorError("task", `the fault is no longer in force: ${problem}`);
  }
}

async function mustBeInForce(fault: AnyFault, plan: unknown, host: FaultHost): Promise<void> {
  const problem = await fault.probe(plan, host.node);
  if (problem !== "") throw new TrogdorError("task", `the fault has no effect: ${problem}`);
}

function journalEntry(
  plan: unknown,
  spec: TaskSpec,
  context: WorkerContext,
  host: FaultHost,
): UndoEntry {
  const remainingMs = Number(spec.startMs) + spec.durationMs - context.clock.nowMs();
  return {
    id: `${context.taskId}/${context.workerId}`,
    taskId: context.taskId,
    workerId: String(context.workerId),
    className: spec.class,
    plan: JSON.stringify(plan),
    endUs: host.bootTimeUs() + Math.max(0, remainingMs) * 1000,
  };
}

function both(failure: unknown, undoFailure: unknown): unknown {
  if (undoFailure === undefined) return failure;
  const text = `${errorText(failure)}; and undoing it failed: ${errorText(undoFailure)}`;
  return new TrogdorError("task", text, { cause: failure });
}
