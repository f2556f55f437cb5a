// What has to be undone on this node, on disk before it is done: the plan of every fault in force.
// An entry stays until its undo has succeeded. Who starts after a crash undoes what a dead owner
// left; entries of a live owner or of another network namespace are left alone.

import type { JsonText } from "../../core/spec-data.ts";

export interface UndoEntry {
  /** `<task id>/<worker id>`; unique on this node. */
  readonly id: string;
  readonly taskId: string;
  readonly workerId: string;
  readonly className: string;
  /** The fault's own plan. */
  readonly plan: JsonText;
  /** The end of the fault in microseconds of the node's boot clock (CLOCK_BOOTTIME). */
  readonly endUs: number;
  /** Its owner could not undo it and waits for nothing any more: whoever undoes it removes it. */
  readonly isLeft?: true;
}

/** Who made an entry, and where. */
export interface UndoOwner {
  /** Changes with every boot. */
  readonly bootId: string;
  /** The network namespace, as the kernel names it: `net:[4026531840]`. */
  readonly networkNamespace: string;
  readonly pid: number;
  /** Clock ticks from boot to the start of the process: a pid alone is handed out again. */
  readonly startTicks: number;
}

export interface OwnedEntry extends UndoEntry {
  readonly owner: UndoOwner;
  /** Undone by someone else while its owner hung; its owner has still to hear of it. */
  readonly isUndone: boolean;
}

export interface UndoJournal {
  /** Resolves when the entry is on disk, with this process as its owner. */
  write(entry: UndoEntry): Promise<void>;
  /** Forgets the entry: its undo has succeeded. Unknown ids are fine. */
  remove(id: string): Promise<void>;
  /**
   * Notes that the entry of a live owner was undone. The entry stays: what that owner was about to
   * change when it began to hang comes afterwards, and is found again when it dies.
   */
  markUndone(id: string): Promise<void>;
  /** False when the entry is marked as undone, or is not there. */
  stands(id: string): Promise<boolean>;
  /** All that is to be undone and can be read, in the order of the ends. */
  entries(): Promise<readonly OwnedEntry[]>;
  /** One sentence for each entry that cannot be read: nobody undoes it. */
  problems(): Promise<readonly string[]>;
}
