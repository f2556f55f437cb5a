// What the machine offers to a task that needs more than a clock: processes that can be ended with
// all they start, a node that a fault may change, and a guard that puts it back if this process
// dies.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Processes } from "../../platform/processes/processes.ts";
import type { FaultHost, TaskType } from "../../tasks/define-task.ts";
import { resolveStateDir } from "../daemon/state-dir.ts";
import type { ModeHost } from "../mode-host.ts";
import type { ExecPlace } from "./exec-place.ts";

export interface Equipment {
  readonly processes?: Processes;
  readonly faultHost?: FaultHost;
  close(): Promise<void>;
}

const nothing: Equipment = { close: async () => {} };

export interface EquipmentOptions {
  readonly stateDir?: string | undefined;
  /** --allow-clock */
  readonly allowsClock?: boolean;
}

/** Loaded only for a task that needs it. */
export async function equip(
  type: TaskType,
  place: ExecPlace,
  options: EquipmentOptions,
  host: ModeHost,
  log: Log,
): Promise<Equipment> {
  if (type.kind === "fault") {
    const stateDir = execStateDir(place, options.stateDir, host);
    return await equipFault(stateDir, options.allowsClock === true, log);
  }
  if (type.watchesProcess !== true) return nothing;
  const processes = await guardedProcesses(log, []);
  return { processes, close: () => processes.close() };
}

function execStateDir(place: ExecPlace, given: string | undefined, host: ModeHost): string {
  return resolveStateDir({
    role: "exec",
    node: place.node,
    given,
    isRoot: process.getuid?.() === 0,
    env: host.env,
  });
}

/** First of all, what an earlier run left is put back. */
async function equipFault(stateDir: string, allowsClock: boolean, log: Log): Promise<Equipment> {
  const [{ realFaultHost, undoWhatIsLeft }, { childCommand }] = await Promise.all([
    import("../agent/fault-host.ts"),
    import("../worker/child-command.ts"),
  ]);
  const { failures } = await undoWhatIsLeft(realFaultHost(stateDir), log);
  if (failures.length > 0) {
    const problem = `an earlier fault is still in force: ${failures.join("; ")}`;
    throw new TrogdorError("task", problem);
  }
  const cleanUp = [...childCommand("agent"), "--cleanup", "--state-dir", stateDir];
  const processes = await guardedProcesses(log, cleanUp);
  processes.startGuard();
  const faultHost = realFaultHost(stateDir, { processes, allowsClock });
  return { processes, faultHost, close: () => processes.close() };
}

async function guardedProcesses(log: Log, cleanUpCommand: readonly string[]) {
  const [{ realProcesses }, { realNativePrograms }] = await Promise.all([
    import("../../platform/processes/real-processes.ts"),
    import("../../platform/native-programs/real-native-programs.ts"),
  ]);
  const nativePrograms = realNativePrograms();
  return realProcesses({ nativePrograms, log, lowersPriority: false, cleanUpCommand });
}
