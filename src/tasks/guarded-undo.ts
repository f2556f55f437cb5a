// The undo of a fault by its own agent: some tries, each within a bound, then the guard goes on.
// While it is under way the guard is told so again and again: two that undo at the same time could
// start a process twice. An agent that hangs in the middle says nothing, and the guard takes over.

import { errorText } from "../core/trogdor-error.ts";
import type { Clock } from "../platform/clock/clock.ts";
import type { UndoEntry } from "../platform/undo-journal/undo-journal.ts";
import type { AnyFault } from "./define-fault.ts";
import type { FaultHost, WorkerContext } from "./define-task.ts";

/** Tries of an undo before the task ends with the undo's error; the journal keeps the entry. */
const triesMax = 3;
const pauseMs = 200;
/** An undo that takes longer does not end by itself. */
const tryEndsWithinMs = 60_000;
/** The guard acts when it has heard nothing for about a second. */
const tellEveryMs = 300;
const guardActsAfterUs = 1_000_000;

export interface Undoing {
  readonly fault: AnyFault;
  readonly plan: unknown;
  readonly entry: UndoEntry;
  readonly context: WorkerContext;
  readonly host: FaultHost;
}

/** Answers the last failure, or undefined when everything is as it was. */
export async function guardedUndo(undoing: Undoing): Promise<unknown> {
  const ended = new AbortController();
  void tellTheGuard(undoing, ended.signal);
  try {
    return await someTries(undoing);
  } finally {
    ended.abort();
  }
}

async function someTries({ fault, plan, context, host }: Undoing): Promise<unknown> {
  const { log, clock, taskId } = context;
  for (let tries = 1; ; tries += 1) {
    try {
      await inTime(fault.undo(plan, host.node), clock);
      return undefined;
    } catch (error) {
      log.error("undo failed", { taskId, tries, error: errorText(error) });
      if (tries === triesMax || error instanceof HangingUndo) return error;
      await clock.sleep(pauseMs);
    }
  }
}

class HangingUndo extends Error {
  override readonly message = `it has not ended after ${tryEndsWithinMs / 1000} s`;
}

async function inTime(undo: Promise<void>, clock: Clock): Promise<void> {
  const ended = new AbortController();
  const late = clock.sleep(tryEndsWithinMs, ended.signal).then(() => {
    if (!ended.signal.aborted) throw new HangingUndo();
  });
  try {
    await Promise.race([undo, late]);
  } finally {
    ended.abort();
  }
}

/** As if the fault ended only now; what was over long ago is the guard's already. */
async function tellTheGuard(undoing: Undoing, signal: AbortSignal): Promise<void> {
  const { entry, context, host } = undoing;
  if (host.guard === undefined || host.bootTimeUs() > entry.endUs + guardActsAfterUs) return;
  while (!signal.aborted) {
    const nowUs = host.bootTimeUs();
    if (nowUs + tellEveryMs * 1000 > entry.endUs) watch(undoing, nowUs);
    await context.clock.sleep(tellEveryMs, signal);
  }
}

/** The guard's clean-up tries it again, as if it had ended now. */
export async function leaveToTheGuard(undoing: Undoing): Promise<void> {
  const { entry, context, host } = undoing;
  const endUs = Math.min(entry.endUs, host.bootTimeUs());
  try {
    await host.journal.write({ ...entry, endUs, isLeft: true });
    watch(undoing, endUs);
  } catch (error) {
    // The entry stands as it was: its turn comes when the fault's time is over.
    const { taskId, log } = context;
    log.error("a fault is left to the guard for its end", { taskId, error: errorText(error) });
    watch(undoing, entry.endUs);
  }
}

/** Without a guard, and none to be had, the undo is all the more to go on. */
function watch({ entry, context, host }: Undoing, endUs: number): void {
  try {
    host.guard?.watchFault(entry.id, endUs);
  } catch (error) {
    const { taskId, log } = context;
    log.error("the guard cannot be told of an undo", { taskId, error: errorText(error) });
  }
}
