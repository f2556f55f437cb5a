// The files of a mount, of which each must answer in time: a file system whose process hangs holds
// up whoever touches it, for ever. While one access hangs no other one is tried on that mount, so
// that no more than one thread is lost to it.

import { dirname } from "node:path";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Files } from "../../platform/files/files.ts";

const readWithinMs = 20_000;
/** Tracking begins with a sync of the file system below. */
const writeWithinMs = 60_000;

const hanging = new Set<string>();

export function answeringFiles(node: {
  readonly files: Files;
  readonly clock: Clock;
}): Pick<Files, "readText" | "writeText"> {
  const { files, clock } = node;
  return {
    readText: (path) => within(readWithinMs, path, clock, () => files.readText(path)),
    writeText: (path, text) =>
      within(writeWithinMs, path, clock, () => files.writeText(path, text)),
  };
}

async function within<T>(
  limitMs: number,
  path: string,
  clock: Clock,
  access: () => Promise<T>,
): Promise<T> {
  const mount = dirname(path);
  if (hanging.has(mount)) throw noAnswer(mount, "still does not answer");
  const answered = new AbortController();
  const answer = access().finally(() => {
    hanging.delete(mount);
    answered.abort();
  });
  await Promise.race([answer.then(noop, noop), clock.sleep(limitMs, answered.signal)]);
  if (answered.signal.aborted) return await answer;
  hanging.add(mount);
  answer.catch(noop);
  throw noAnswer(mount, `did not answer within ${limitMs / 1000} s`);
}

const noop = () => {};

function noAnswer(mount: string, what: string): TrogdorError {
  const message = `${mount} ${what}: the process of its file system hangs or is stopped`;
  return new TrogdorError("task", message);
}
