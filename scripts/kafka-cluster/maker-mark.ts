// Who made something that outlives its maker when that is killed: names of folders, network
// namespaces and clusters of tests carry the pid and the start time of the process, as in
// "kibosh-test-4711t815-x". What carries the mark of a process that is gone is nobody's.

import { identifyProcess } from "./process-identity.ts";

/** A whole part of a name, between dashes. */
const mark = /(?:^|-)(\d+)t(\d+)(?=-|$)/;

/** The mark of this process. */
export function makerMark(): string {
  const own = identifyProcess(process.pid);
  if (own === undefined) throw new Error("/proc does not tell of this process");
  return `${own.pid}t${own.startTicks}`;
}

/** True for a name with the mark of a process that is gone; false also without any mark. */
export function isMakerGone(name: string): boolean {
  const [, pid, startTicks] = mark.exec(name) ?? [];
  if (pid === undefined) return false;
  return identifyProcess(Number(pid))?.startTicks !== Number(startTicks);
}
