// Takes processor time, memory and descriptors with processes of the native helper, and disk space
// with a file. The processes are found again by a mark among their arguments, also after a crash.

import type { RunningProcess } from "../../../platform/process-table/process-table.ts";
import { defineFault, type FaultNode } from "../../define-fault.ts";
import { endMarked, findMarked, startMarked } from "../../marked-processes.ts";
import { undoAll } from "../../undo-all.ts";
import { checkMemory, checkOpenFiles, fillSizeBytes } from "./limits.ts";
import type { ResourceStressSpec } from "./spec.ts";

interface Stressor {
  readonly kind: "cpu" | "memory" | "files";
  readonly amount: string;
}

interface Plan {
  readonly mark: string;
  readonly stressors: readonly Stressor[];
  /** "" when no disk is filled. */
  readonly fillPath: string;
  readonly fillSizeBytes: number;
}

export const resourceStress = defineFault<ResourceStressSpec, Plan>({
  survivesReboot: true,
  async plan(spec, context) {
    await checkMemory(spec, context);
    await checkOpenFiles(spec, context);
    const sizeBytes = await fillSizeBytes(spec, context);
    const mark = `trogdor-stress-${context.workerId}`;
    const folder = spec.diskPath.replace(/\/+$/, "");
    return {
      mark,
      stressors: stressorsOf(spec),
      fillPath: sizeBytes === 0 ? "" : `${folder}/${mark}`,
      fillSizeBytes: sizeBytes,
    };
  },
  steps({ mark, stressors, fillPath, fillSizeBytes }) {
    const kinds = stressors.map(({ kind, amount }) => `${kind} ${amount}`);
    const fill = fillPath === "" ? [] : [`fill ${fillPath} with ${fillSizeBytes} bytes`];
    return {
      targets: [...stressors.map(hit), ...(fillPath === "" ? [] : [`the disk of ${fillPath}`])],
      apply: [...kinds.map((kind) => `stress ${kind} ${mark}`), ...fill],
      undo: [`kill what has ${mark} among its arguments`, ...fill.map(() => `remove ${fillPath}`)],
    };
  },
  async apply({ mark, stressors, fillPath, fillSizeBytes }, node) {
    const starting = stressors.map(({ kind, amount }) =>
      startMarked("guard", ["stress", kind, amount, mark], node),
    );
    const results = await Promise.allSettled(starting);
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    if (fillPath !== "") await fill(fillPath, fillSizeBytes, node);
  },
  async probe(plan, node) {
    const { mark, stressors, fillPath, fillSizeBytes } = plan;
    const found = await findMarked(mark, node);
    if (found.length < stressors.length) {
      return `expected ${stressors.length} processes with ${mark}, found ${found.length}`;
    }
    for (const one of found) {
      const problem = await stressProblem(one, node);
      if (problem !== "") return problem;
    }
    if (fillPath === "") return "";
    const sizeBytes = (await node.files.sizeBytes(fillPath)) ?? 0;
    if (sizeBytes === fillSizeBytes) return "";
    return `expected ${fillSizeBytes} bytes in ${fillPath}, found ${sizeBytes}`;
  },
  async undo({ mark, fillPath }, node) {
    await undoAll([
      () => endMarked(mark, node),
      ...(fillPath === "" ? [] : [() => node.files.remove(fillPath)]),
    ]);
  },
  words: {
    applying: (_spec, taskId) => `taking resources ${taskId}`,
    applied: (_spec, taskId) => `took resources ${taskId}`,
    undoing: (_spec, taskId) => `giving resources back ${taskId}`,
    undone: (_spec, taskId) => `gave resources back ${taskId}`,
  },
});

function hit({ kind, amount }: Stressor): string {
  if (kind === "cpu") return `a processor, ${amount} % of the time`;
  return kind === "memory" ? `${amount} bytes of memory` : `${amount} file descriptors`;
}

function stressorsOf({ cpus, cpuPercent, memoryBytes, openFiles }: ResourceStressSpec): Stressor[] {
  const stressors: Stressor[] = [];
  for (let at = 0; at < cpus; at += 1) stressors.push({ kind: "cpu", amount: String(cpuPercent) });
  if (memoryBytes > 0n) stressors.push({ kind: "memory", amount: String(memoryBytes) });
  if (openFiles > 0) stressors.push({ kind: "files", amount: String(openFiles) });
  return stressors;
}

/** At once where the file system can; else by writing. */
async function fill(path: string, sizeBytes: number, node: FaultNode): Promise<void> {
  const command = ["fallocate", "-l", String(sizeBytes), path];
  const isDone = await node.commands.run(command).then(
    ({ exitCode }) => exitCode === 0,
    () => false,
  );
  if (!isDone) await node.files.allocate(path, sizeBytes);
}

const residentShareMin = 0.9;

async function stressProblem(one: RunningProcess, node: FaultNode): Promise<string> {
  const states = await node.processTable.threadStates(one);
  const [kind = "", amount = ""] = one.command.slice(-3);
  if (states.length === 0) return `expected ${kind} stress in process ${one.pid}, but it has ended`;
  if (states.includes("T"))
    return `expected ${kind} stress in process ${one.pid}, but it is stopped`;
  if (kind !== "memory") return "";
  const status = (await node.files.readText(`/proc/${one.pid}/status`)) ?? "";
  const heldBytes = Number(/^Vm(?:RSS):\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  if (heldBytes >= Number(amount) * residentShareMin) return "";
  return `expected ${amount} bytes of memory in process ${one.pid}, found ${heldBytes}`;
}
