// A daemon made of parts: when its shell has ended, for whatever reason, or when it is told to
// stop, the parts are ended in turn, once.

import type { RunningDaemon } from "./run-daemon.ts";
import { type Ending, shutDown } from "./shut-down.ts";

export function runningDaemon(
  shellEnded: Promise<void>,
  endings: readonly Ending[],
): RunningDaemon {
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= shutDown(endings);
    return ending;
  };
  const ended = shellEnded.then(end, async (error: unknown) => {
    await end().catch(() => {});
    throw error;
  });
  return { ended, stop: end };
}

/** Ends what was begun when a later part cannot start. */
export async function startOrUndo<T>(start: (endings: Ending[]) => Promise<T>): Promise<T> {
  const endings: Ending[] = [];
  try {
    return await start(endings);
  } catch (error) {
    await shutDown(endings).catch(() => {});
    throw error;
  }
}
