// Processes that a fault starts beside the agent and finds again by a mark, the last of their
// arguments: also another process does, which cleans up after a crash.

import { TrogdorError } from "../core/trogdor-error.ts";
import type { NativeProgramName } from "../platform/native-programs/native-programs.ts";
import type { RunningProcess } from "../platform/process-table/process-table.ts";
import type { FaultNode } from "./define-fault.ts";

const readyWithinMs = 60_000;
const terminatedWithinMs = 1_000;
const goneWithinMs = 5_000;
const pauseMs = 10;

/** Starts a native program with these arguments; resolves when it has said that it is ready. */
export async function startMarked(
  program: NativeProgramName,
  args: readonly string[],
  node: FaultNode,
): Promise<void> {
  const { processes, nativePrograms, clock } = node;
  if (processes === undefined || nativePrograms === undefined) {
    throw new Error("this fault needs processes");
  }
  // The path through this process: the child's own descriptors are closed before it is used.
  const path = nativePrograms.pathOf(program).replace("/proc/self/", `/proc/${process.pid}/`);
  const child = processes.start({ command: [path, ...args] });
  void child.ended.then(() => child.end(0, goneWithinMs));
  const late = new AbortController();
  const tooLate = clock.sleep(readyWithinMs, late.signal).then(() => undefined);
  const said = await Promise.race([child.readOutput(), tooLate]);
  late.abort();
  if (said !== undefined && new TextDecoder().decode(said).startsWith("ready")) return;
  const reason = await Promise.race([child.readErrors(), child.ended.then(() => undefined)]);
  const why = new TextDecoder().decode(reason ?? new Uint8Array()).trim();
  await child.end(0, goneWithinMs);
  const problem = why === "" ? `not ready within ${readyWithinMs / 1000} s` : why;
  throw new TrogdorError("task", `trogdor-${program} ${args.join(" ")} failed: ${problem}`);
}

export async function findMarked(
  mark: string,
  { processTable }: FaultNode,
): Promise<RunningProcess[]> {
  const all = await processTable.list();
  return all.filter(({ command }) => command.at(-1) === mark);
}

/** Ends them: with SIGTERM, if they are to have time for an orderly end, then with SIGKILL. */
export async function endMarked(
  mark: string,
  node: FaultNode,
  options: { readonly inOrder?: boolean } = {},
): Promise<void> {
  const killFromMs = options.inOrder === true ? terminatedWithinMs : 0;
  for (let waitedMs = 0; waitedMs < goneWithinMs; waitedMs += pauseMs) {
    const found = await findMarked(mark, node);
    if (found.length === 0) return;
    const signal = waitedMs < killFromMs ? "SIGTERM" : "SIGKILL";
    for (const one of found) await node.processTable.signal(one, signal);
    await node.clock.sleep(pauseMs);
  }
  const left = await findMarked(mark, node);
  if (left.length === 0) return;
  const pids = left.map((one) => one.pid).join(", ");
  const late = `${goneWithinMs / 1000} s after it was to end`;
  throw new TrogdorError("task", `process ${pids} (${mark}) is still there ${late}`);
}
