// The process tree is read from real processes.

import { describe, expect, test } from "bun:test";
import { cpuSecondsOf, processTree, requireProcessTree, treeMemory } from "./process-tree.ts";

/**
 * A shell with a child, both waiting for the end of stdin. A shell gives its children in the
 * background an empty stdin instead of its own, unless they are told otherwise.
 */
async function withFamily(work: (pid: number) => void): Promise<void> {
  const script = "exec 3<&0; (echo ready; read line) <&3 & wait";
  const shell = Bun.spawn(["sh", "-c", script], {
    stdin: "pipe",
    stdout: "pipe",
    detached: true,
  });
  try {
    await shell.stdout.getReader().read();
    work(shell.pid);
  } finally {
    for (const pid of processTree(shell.pid).reverse()) process.kill(pid, "SIGKILL");
    await shell.exited;
  }
}

describe("a process tree", () => {
  test("can be read on this kernel", () => {
    expect(requireProcessTree).not.toThrow();
  });

  test("holds the children, and their memory counts", async () => {
    await withFamily((pid) => {
      const { pids, pssBytes, rssPeakBytes } = treeMemory(pid);
      expect(pids).toHaveLength(2);
      expect(pids[0]).toBe(pid);
      expect(pssBytes).toBeGreaterThan(100_000);
      expect(rssPeakBytes).toBeGreaterThan(pssBytes);
    });
  });

  test("is empty when the process is gone", async () => {
    const child = Bun.spawn(["true"]);
    await child.exited;
    expect(treeMemory(child.pid)).toEqual({ pids: [], pssBytes: 0, rssPeakBytes: 0 });
    expect(cpuSecondsOf(child.pid)).toBe(0);
  });

  test("knows the CPU time used so far", () => {
    const { user, system } = process.cpuUsage();
    // That of children that have ended is added to it.
    expect(cpuSecondsOf(process.pid)).toBeGreaterThan((user + system) / 1e6 - 0.1);
  });
});
