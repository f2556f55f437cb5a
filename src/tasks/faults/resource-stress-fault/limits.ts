// What may be taken so that the agent and the node stay alive.

import { errorText, TrogdorError } from "../../../core/trogdor-error.ts";
import type { FaultNode } from "../../define-fault.ts";
import type { ResourceStressSpec } from "./spec.ts";

const memoryLeftBytesMin = 256 * 1024 * 1024;
const memoryLeftShareMin = 0.05;
const diskLeftBytesMin = 32 * 1024 * 1024;
const filesLeftMin = 4096;

export async function checkMemory(spec: ResourceStressSpec, { files }: FaultNode): Promise<void> {
  if (spec.memoryBytes === 0n) return;
  const text = (await files.readText("/proc/meminfo")) ?? "";
  const bytesOf = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
  const keepBytes = Math.max(memoryLeftBytesMin, bytesOf("MemTotal") * memoryLeftShareMin);
  const maxBytes = Math.floor(bytesOf("MemAvailable") - keepBytes);
  if (spec.memoryBytes <= maxBytes) return;
  const wanted = `memoryBytes: ${spec.memoryBytes}`;
  const message = `${wanted} would not leave enough; at most ${maxBytes} now`;
  throw new TrogdorError("task", message);
}

export async function checkOpenFiles(
  { openFiles }: ResourceStressSpec,
  { files }: FaultNode,
): Promise<void> {
  if (openFiles === 0) return;
  const text = (await files.readText("/proc/sys/fs/file-nr")) ?? "";
  const [used = 0, , limit = 0] = text.trim().split(/\s+/).map(Number);
  const max = limit - used - filesLeftMin;
  if (openFiles <= max) return;
  const message = `openFiles: ${openFiles} would not leave enough; at most ${max} now`;
  throw new TrogdorError("task", message);
}

/** How large a file makes the disk as full as it was asked for; 0 when no disk is to be filled. */
export async function fillSizeBytes(
  { diskPath, diskPercent }: ResourceStressSpec,
  { files }: FaultNode,
): Promise<number> {
  if (diskPercent === 0) return 0;
  const { totalBytes, availableBytes } = await files.space(diskPath).catch((cause: unknown) => {
    throw new TrogdorError("task", `diskPath: ${errorText(cause)}`, { cause });
  });
  const usedBytes = totalBytes - availableBytes;
  const wantedBytes = Math.floor((totalBytes * diskPercent) / 100) - usedBytes;
  const sizeBytes = Math.min(wantedBytes, availableBytes - diskLeftBytesMin);
  if (sizeBytes > 0) return sizeBytes;
  const percent = Math.round((usedBytes / totalBytes) * 100);
  throw new TrogdorError(
    "task",
    `diskPercent: the disk of ${diskPath} is ${percent} % full already, or has less than ` +
      `${diskLeftBytesMin / 1024 / 1024} MiB to spare`,
  );
}
