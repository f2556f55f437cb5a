// Does something on all nodes at once, with a bound, and shows how many are done. A node that fails
// holds up no other.

import { errorText } from "../../core/trogdor-error.ts";
import type { ModeHost } from "../mode-host.ts";
import type { ClusterNode } from "./inventory.ts";

export interface NodeFailure {
  readonly node: ClusterNode;
  readonly error: unknown;
}

export interface OnAll<T> {
  readonly results: ReadonlyMap<string, T>;
  readonly failures: readonly NodeFailure[];
}

export interface Stage {
  /** `checking`, as in `checking: 3 of 20`. */
  readonly title: string;
  readonly atOnce: number;
  readonly host: ModeHost;
}

export async function onAll<T>(
  nodes: readonly ClusterNode[],
  { title, atOnce, host }: Stage,
  act: (node: ClusterNode) => Promise<T>,
): Promise<OnAll<T>> {
  const results = new Map<string, T>();
  const failures: NodeFailure[] = [];
  const waiting = [...nodes];
  const show = () => {
    if (!host.err.isTerminal) return;
    const done = results.size + failures.length;
    host.err.write(`\r\u001b[K${title}: ${done} of ${nodes.length}`);
  };
  const work = async () => {
    for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
      try {
        results.set(node.name, await act(node));
      } catch (error) {
        failures.push({ node, error });
      }
      show();
    }
  };
  show();
  await Promise.all(Array.from({ length: Math.min(atOnce, nodes.length) }, work));
  if (host.err.isTerminal) host.err.write("\r\u001b[K");
  return { results, failures };
}

export function failureLines(failures: readonly NodeFailure[]): string[] {
  return failures
    .toSorted((a, b) => (a.node.name < b.node.name ? -1 : 1))
    .map(({ node, error }) => `${node.name}: ${errorText(error)}`);
}
