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
  /** The end of the fault in microseconds of the node's monotonic clock (CLOCK_BOOTTIME). */
  readonly endUs: number;
}

/** Who made an entry, and where. */
export interface UndoOwner {
  readonly bootId: string;
  /** Inode of the network namespace. */
  readonly networkNamespace: string;
  readonly pid: number;
  readonly startTicks: number;
}

export interface UndoJournal {
  /** Resolves when the entry is on disk. */
  write(entry: UndoEntry): Promise<void>;
  /** Forgets the entry: its undo has succeeded. Unknown ids are fine. */
  remove(id: string): Promise<void>;
}
