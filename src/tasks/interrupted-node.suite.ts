// A node that counts what a fault does to it, so that a test can interrupt or kill it in between.

import type { FaultNode } from "./define-fault.ts";

/** `before` hears of each act before it is done: 1, 2, 3 ... */
export function countedNode(node: FaultNode, before: (count: number) => void): FaultNode {
  let count = 0;
  const counted =
    <Args extends readonly unknown[], Result>(act: (...args: Args) => Result) =>
    (...args: Args): Result => {
      count += 1;
      before(count);
      return act(...args);
    };
  const { commands, processTable, files, processes } = node;
  return {
    ...node,
    commands: { ...commands, run: counted((command) => commands.run(command)) },
    processTable: {
      ...processTable,
      signal: counted((identity, signal) => processTable.signal(identity, signal)),
    },
    files: {
      ...files,
      writeText: counted((path, text) => files.writeText(path, text)),
      remove: counted((path) => files.remove(path)),
      allocate: counted((path, sizeBytes) => files.allocate(path, sizeBytes)),
    },
    ...(processes === undefined
      ? {}
      : { processes: { ...processes, start: counted((order) => processes.start(order)) } }),
  };
}
