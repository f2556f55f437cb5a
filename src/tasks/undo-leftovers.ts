// Undoes what dead owners left: at an agent's start, by `trogdor agent --cleanup`, and by the guard
// when the agent is gone or hangs past a fault's end.

import { errorText } from "../core/trogdor-error.ts";
import type { Log } from "../platform/log/log.ts";
import type { OwnedEntry, UndoJournal, UndoOwner } from "../platform/undo-journal/undo-journal.ts";
import type { FaultNode } from "./define-fault.ts";
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

export async function undoLeftovers(leftovers: Leftovers): Promise<UndoneLeftovers> {
  const undone: string[] = [];
  const leftAlone: string[] = [];
  const failures: string[] = [];
  for (const entry of await leftovers.journal.entries()) {
    if (!isForgotten(entry, leftovers)) {
      leftAlone.push(entry.taskId);
      continue;
    }
    try {
      await undoEntry(entry, leftovers);
      undone.push(entry.taskId);
      leftovers.log.warn("Undid a fault that its owner left", { taskId: entry.taskId });
    } catch (error) {
      const what = `${entry.className} of task ${entry.taskId}`;
      failures.push(`${what} could not be undone: ${errorText(error)}`);
    }
  }
  return { undone, leftAlone, failures };
}

function isForgotten(entry: OwnedEntry, { self, isOwnerAlive, bootTimeUs }: Leftovers): boolean {
  const { owner } = entry;
  if (owner.bootId !== self.bootId) return true;
  if (owner.networkNamespace !== self.networkNamespace) return false;
  if (!isOwnerAlive(owner)) return true;
  return !entry.isUndone && entry.endUs + forgottenAfterUs < bootTimeUs();
}

async function undoEntry(entry: OwnedEntry, leftovers: Leftovers): Promise<void> {
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
  const { journal } = leftovers;
  const isHanging = isSameBoot && leftovers.isOwnerAlive(entry.owner);
  await (isHanging ? journal.markUndone(entry.id) : journal.remove(entry.id));
}
