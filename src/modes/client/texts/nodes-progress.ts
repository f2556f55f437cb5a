// How a task on several nodes is doing: the sums of what its type reads out of each node's status.
// Latencies are left out; what several nodes have together is in `trogdor.merged` at the end.

import type { Progress, StatusJson } from "../../../tasks/define-task.ts";

type ReadProgress = (status: StatusJson) => Progress;

/** A status is one worker's, or an object from node to status; only what it holds tells which. */
export function statusProgress(status: StatusJson, read: ReadProgress): Progress {
  const whole = read(status);
  const isObject = typeof status === "object" && status !== null && !Array.isArray(status);
  if (!isObject || whole.done !== undefined || whole.phase !== undefined) return whole;
  const nodes = Object.entries(status).filter(([name]) => name !== "trogdor.merged");
  const parts = nodes.map(([, nodeStatus]) => read(nodeStatus));
  const isKnown = parts.some(({ done, phase }) => done !== undefined || phase !== undefined);
  return isKnown ? { ...sums(parts), ...phases(parts) } : whole;
}

const summed = ["done", "total", "ratePerSec", "intendedPerSec", "bytesPerSec", "errors"] as const;

/** What no node tells is left out; a node that does not tell yet counts as 0. */
function sums(parts: readonly Progress[]): Progress {
  const known = summed.filter((name) => parts.some((part) => part[name] !== undefined));
  const pairs = known.map((name) => {
    return [name, parts.reduce((sum, part) => sum + (part[name] ?? 0), 0)];
  });
  return Object.fromEntries(pairs) as Progress;
}

/** `active`, or `2 active, 1 receiving`. */
function phases(parts: readonly Progress[]): Progress {
  const counts = new Map<string, number>();
  for (const { phase } of parts) {
    if (phase !== undefined) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  if (counts.size === 0) return {};
  const [only] = counts.keys();
  const isEverywhere = counts.size === 1 && counts.get(only!) === parts.length;
  const each = [...counts].map(([phase, count]) => `${count} ${phase}`);
  return { phase: isEverywhere ? only! : each.join(", ") };
}
