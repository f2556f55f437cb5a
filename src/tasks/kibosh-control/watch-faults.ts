// While faults are in force: tells how many operations they matched and to how many they were
// applied, where the mount counts, and crashes it at its time.

import type { FaultAction, FaultNode } from "../define-fault.ts";
import type { StatusJson } from "../status-json.ts";
import { crashMount, type MountFaults, mountStatus } from "./control-file.ts";

interface Watched extends MountFaults {
  readonly crashAfterMs?: number;
}

const lookEveryMs = 1_000;

/** Until the signal; the last look is behind it, so that what is told in the end is all. */
export async function watchFaults(
  { mount, faults, crashAfterMs }: Watched,
  node: FaultNode,
  { signal, tell }: FaultAction,
): Promise<void> {
  const count = counting(mount, faults, node);
  const tellCounts = async () => {
    const counts = await count();
    if (counts !== undefined) tell({ faults: counts });
  };
  let untilCrashMs = crashAfterMs;
  while (!signal.aborted) {
    if (untilCrashMs === 0) {
      const atMs = node.clock.nowMs();
      tell({ crash: { atMs, ...(await crashMount(mount, node)) } });
      untilCrashMs = undefined;
    }
    await tellCounts();
    const pauseMs = Math.min(lookEveryMs, untilCrashMs || lookEveryMs);
    await node.clock.sleep(pauseMs, signal);
    if (untilCrashMs !== undefined) untilCrashMs -= pauseMs;
  }
  await tellCounts();
}

/** Answers the counts of our faults; undefined where the mount does not count. */
function counting(mount: string, faults: readonly string[], node: FaultNode) {
  // The mount prints its numbers in its own way.
  const values = faults.map((fault) => JSON.stringify(JSON.parse(fault)));
  let seen: StatusJson[] = [];
  return async (): Promise<StatusJson[] | undefined> => {
    const status = await mountStatus(mount, node);
    if (status?.faults === undefined) return undefined;
    const ours = status.faults.filter(({ fault }) => values.includes(JSON.stringify(fault)));
    // Somebody has removed them: what they did before stays true.
    if (ours.length > 0) {
      seen = ours.map(({ type, matched, applied }) => ({ type, matched, applied }));
    }
    return seen;
  };
}
