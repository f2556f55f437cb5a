// Undoes what dead owners left: at an agent's start, by `trogdor agent --cleanup`, and by the guard
// when the agent is gone or hangs past a fault's end.

import { errorText } from "../core/trogdor-error.ts";
import type { Clock } from "../platform/clock/clock.ts";
import type { Log } from "../platform/log/log.ts";
import type { OwnedEntry, UndoJournal, UndoOwner } from "../platform/undo-journal/undo-journal.ts";
import type { FaultNode } from "./define-fault.ts";
import { endsWithin } from "./ends-within.ts";
import { forgottenAfterUs } from "./fault-runner.ts";
import { findTaskType } from "./find-task-type.ts";

export interface Leftovers {
  readonly journal: UndoJournal;
  readonly node: FaultNode;
  readonly self: UndoOwner;
  readonly log: Log;
  isOwnerAlive(owner: UndoOwner): boolean;
  bootTimeUs(): number;
}

export interface UndoneLeftovers {
  /** Task ids. */
  readonly undone: readonly string[];
  /** Of a live owner or of another network namespace. */
  readonly leftAlone: readonly string[];
  /** One sentence each; their entries stay. */
  readonly failures: readonly string[];
}

/** After this the next one is begun: an undo that hangs keeps the others waiting no longer. */
const patienceMs = 3_000;
const endsWithinMs = 40_000;

export async function undoLeftovers(leftovers: Leftovers): Promise<UndoneLeftovers> {
  const { journal, log, node } = leftovers;
  const undone: string[] = [];
  const leftAlone: string[] = [];
  const failures: string[] = [...(await journal.problems())];
  const undo = async (entry: OwnedEntry) => {
    try {
      await endsInTime(undoEntry(entry, leftovers), node.clock);
      undone.push(entry.taskId);
      log.warn("Undid a fault that its owner left", { taskId: entry.taskId });
    } catch (error) {
      const what = `${entry.className} of task ${entry.taskId}`;
      failures.push(`${what} could not be undone: ${errorText(error)}`);
    }
  };
  const undoing: Promise<void>[] = [];
  for (const entry of await journal.entries()) {
    if (isForgotten(entry, leftovers)) {
      const one = undo(entry);
      undoing.push(one);
      await endsWithin(patienceMs, one, node.clock);
    } else {
      leftAlone.push(entry.taskId);
    }
  }
  await Promise.all(undoing);
  return { undone, leftAlone, failures };
}

async function endsInTime(undoing: Promise<void>, clock: Clock): Promise<void> {
  if (await endsWithin(endsWithinMs, undoing, clock)) return;
  throw new Error(`it has not ended after ${endsWithinMs / 1000} s`);
}

function isForgotten(entry: OwnedEntry, { self, isOwnerAlive, bootTimeUs }: Leftovers): boolean {
  const { owner } = entry;
  if (owner.bootId !== self.bootId) return true;
  if (owner.networkNamespace !== self.networkNamespace) return false;
  if (entry.isLeft === true || !isOwnerAlive(owner)) return true;
  return !entry.isUndone && entry.endUs + forgottenAfterUs < bootTimeUs();
}

async function undoEntry(entry: OwnedEntry, leftovers: Leftovers): Promise<void> {
  const { journal } = leftovers;
  if (!(await isStillThere(entry, journal))) return;
  const loadFault = findTaskType(entry.className)?.loadFault;
  if (loadFault === undefined) throw new Error("this version does not know that fault");
  const fault = await loadFault();
  const isSameBoot = entry.owner.bootId === leftovers.self.bootId;
  if (isSameBoot || fault.survivesReboot === true) {
    await fault.undo(JSON.parse(entry.plan), leftovers.node);
  } else if (fault.afterReboot !== undefined) {
    const { taskId } = entry;
    leftovers.log.warn(fault.afterReboot(JSON.parse(entry.plan)), { taskId });
  }
  if (!(await isStillThere(entry, journal))) return;
  const isAwaited = isSameBoot && entry.isLeft !== true && leftovers.isOwnerAlive(entry.owner);
  await (isAwaited ? journal.markUndone(entry.id) : journal.remove(entry.id));
}

/**
 * Meanwhile the next agent may have undone it too, and begun that fault again: what has another
 * owner is its own.
 */
async function isStillThere({ id, owner }: OwnedEntry, journal: UndoJournal): Promise<boolean> {
  const now = (await journal.entries()).find((one) => one.id === id)?.owner;
  if (now === undefined) return false;
  const isSame = now.pid === owner.pid && now.startTicks === owner.startTicks;
  return isSame && now.bootId === owner.bootId;
}
