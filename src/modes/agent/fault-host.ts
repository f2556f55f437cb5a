// The node as faults see it, and the journal of what they have to put back, in the agent's folder.

import { realClock } from "../../platform/clock/real-clock.ts";
import { realCommands } from "../../platform/commands/real-commands.ts";
import { realFiles } from "../../platform/files/real-files.ts";
import type { Log } from "../../platform/log/log.ts";
import { realNames } from "../../platform/names/real-names.ts";
import { realNativePrograms } from "../../platform/native-programs/real-native-programs.ts";
import { realProcessTable } from "../../platform/process-table/real-process-table.ts";
import type { RealProcesses } from "../../platform/processes/real-processes.ts";
import { realSystemClock } from "../../platform/system-clock/real-system-clock.ts";
import { fileUndoJournal } from "../../platform/undo-journal/file-undo-journal.ts";
import { bootTimeUs, isOwnerAlive, thisOwner } from "../../platform/undo-journal/undo-owner.ts";
import type { FaultNode } from "../../tasks/define-fault.ts";
import type { FaultHost } from "../../tasks/define-task.ts";
import { type UndoneLeftovers, undoLeftovers } from "../../tasks/undo-leftovers.ts";

export const realFaultNode: FaultNode = {
  clock: realClock,
  commands: realCommands,
  names: realNames,
  processTable: realProcessTable,
  files: realFiles,
  systemClock: realSystemClock,
};

export interface FaultMeans {
  /** Guards the faults, and starts what they need. */
  readonly processes: RealProcesses;
  /** Whether a fault may set the clock. */
  readonly allowsClock: boolean;
}

/** Without means only to clean up: nothing would guard a new fault. */
export function realFaultHost(stateDir: string, means?: FaultMeans): FaultHost {
  const journal = fileUndoJournal(stateDir, thisOwner());
  if (means === undefined) return { node: realFaultNode, journal, bootTimeUs };
  const node = { ...realFaultNode, ...means, nativePrograms: realNativePrograms() };
  return { node, journal, guard: means.processes, bootTimeUs };
}

/** Undoes what dead owners left in this folder. */
export async function undoWhatIsLeft(host: FaultHost, log: Log): Promise<UndoneLeftovers> {
  const { node, journal } = host;
  return await undoLeftovers({ node, journal, self: thisOwner(), log, isOwnerAlive, bootTimeUs });
}
