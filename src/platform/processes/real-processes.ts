// Processes of this machine, started and ended by way of the native guard. Nothing of it is loaded
// or started before the first process.

import { closeSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "../../core/trogdor-error.ts";
import type { Log } from "../log/log.ts";
import type { NativePrograms } from "../native-programs/native-programs.ts";
import { readProcessStat } from "../process-table/process-stat.ts";
import { cgroupParent, removeOldCgroups } from "./cgroup-parent.ts";
import { childEnvironment, TOKEN_VARIABLE } from "./child-environment.ts";
import { type GuardLink, linkGuard } from "./guard-link.ts";
import { outputPipe, streamReader } from "./output-pipe.ts";
import type { ProcessEnd, Processes, ProcessOrder } from "./processes.ts";
import { type Child, notStarted, startedProcess } from "./started-process.ts";

export interface RealProcessesOptions {
  readonly nativePrograms: NativePrograms;
  readonly log: Log;
  /** Runs when this process is gone without having closed this, after its workers were killed. */
  readonly cleanUpCommand?: readonly string[];
  /** Whether processes run below this process's own priority; they do unless this is false. */
  readonly lowersPriority?: boolean;
  /** False leaves cgroups out; for tests. */
  readonly usesCgroups?: boolean;
}

/** Below the agent's own priority: a node under load must still be able to stop the load. */
const LOW_PRIORITY = 5;

interface Containment {
  readonly program: string;
  readonly cgroupParent: string | undefined;
  readonly guard: GuardLink;
}

export interface RealProcesses extends Processes {
  /** Starts the guard now, so that the clean-up command runs whether or not there is a process. */
  startGuard(): void;
  /** Has the clean-up command run when the fault is over and not forgotten: see GuardLink. */
  watchFault(id: string, endUs: number): void;
  forgetFault(id: string): void;
}

export function realProcesses(options: RealProcessesOptions): RealProcesses {
  let containment: Containment | undefined;

  function contain(): Containment {
    if (containment !== undefined) return containment;
    const program = options.nativePrograms.pathOf("guard");
    const parent = options.usesCgroups === false ? undefined : cgroupParent();
    if (parent !== undefined) removeOldCgroups(parent, Date.now());
    const guard = linkGuard({
      program,
      cgroup: parent === undefined ? undefined : join(parent, `trogdor-guard-${process.pid}`),
      cleanUpCommand: options.cleanUpCommand ?? [],
      environment: childEnvironment(process.env, {}),
      log: options.log,
    });
    containment = { program, cgroupParent: parent, guard };
    return containment;
  }

  return {
    startGuard() {
      contain();
    },
    watchFault(id, endUs) {
      contain().guard.watchFault(id, endUs);
    },
    forgetFault(id) {
      containment?.guard.forgetFault(id);
    },
    start(order) {
      try {
        return startIn(contain(), order, options.lowersPriority ?? true);
      } catch (error) {
        return notStarted(cannotRun(order, error));
      }
    },
    async close() {
      await containment?.guard.close();
      containment = undefined;
    },
  };
}

function startIn(
  { program, cgroupParent, guard }: Containment,
  order: ProcessOrder,
  lowersPriority: boolean,
) {
  const token = crypto.randomUUID();
  const outer = process.env[TOKEN_VARIABLE];
  const path = outer ? `${outer}/${token}` : token;
  const cgroup = cgroupParent === undefined ? undefined : join(cgroupParent, `trogdor-${token}`);
  guard.announce(token, cgroup);
  const launch = [program, "launch", "--parent", String(process.pid), "--token", token];
  if (cgroup !== undefined) launch.push("--cgroup", cgroup);
  if (lowersPriority) launch.push("--nice", String(LOW_PRIORITY));
  try {
    const environment = { ...order.environment, [TOKEN_VARIABLE]: path };
    const spawned = spawn([...launch, "--", ...order.command], environment);
    // Before the event loop turns nobody waits for the child, so the pid is surely its own.
    guard.started(token, spawned.child.pid, startTimeOf(spawned.child.pid));
    return startedProcess({ ...spawned, token, order, guard });
  } catch (error) {
    void guard.end(token, 0, 0);
    throw error;
  }
}

function spawn(command: readonly string[], environment: Readonly<Record<string, string>>) {
  const output = outputPipe();
  const errors = outputPipe();
  try {
    const child: Child = Bun.spawn([...command], {
      env: childEnvironment(process.env, environment),
      stdio: ["pipe", output?.childEnd ?? "pipe", errors?.childEnd ?? "pipe"],
    });
    return {
      child,
      output: output ?? streamReader(child.stdout as ReadableStream<Uint8Array>),
      errors: errors ?? streamReader(child.stderr as ReadableStream<Uint8Array>),
    };
  } catch (error) {
    output?.discard();
    errors?.discard();
    throw error;
  } finally {
    for (const pipe of [output, errors]) if (pipe !== undefined) closeSync(pipe.childEnd);
  }
}

/** The field behind the process's state by which a pid that is used again is told apart. */
function startTimeOf(pid: number): string {
  return String(readProcessStat(`/proc/${pid}/stat`).startTicks);
}

function cannotRun(order: ProcessOrder, error: unknown): ProcessEnd {
  const { errno } = error as { errno?: unknown };
  const number = typeof errno === "number" ? `error=${Math.abs(errno)}, ` : "";
  const reason = `Cannot run program "${order.command[0]}": ${number}${errorText(error)}`;
  return { kind: "notStarted", reason };
}
