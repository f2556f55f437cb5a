// The spec of ResourceStressFault.

import type { InferOutput } from "valibot";
import type { Problem } from "../../../core/trogdor-error.ts";
import { taskEntries } from "../../../spec/task-entries.ts";
import { field } from "../../../spec/types/field.ts";
import { int32, int64 } from "../../../spec/types/integer.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";
import { nodeFields } from "../../node-fault.ts";

export const CLASS_NAME = "trogdor.ResourceStressFaultSpec";
export const SHORT_NAME = "ResourceStressFault";

export const resourceStressSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    ...nodeFields(),
    cpus: field(int32(), 0, "How many processors are kept busy."),
    cpuPercent: field(int32(), 100, "For which share of the time.", { unit: "percent" }),
    memoryBytes: field(int64(), 0, "How much memory is taken.", { unit: "bytes" }),
    diskPath: field(text(), "", "A folder of the disk that is filled."),
    diskPercent: field(int32(), 0, "How full that disk becomes.", { unit: "percent" }),
    openFiles: field(int32(), 0, "How many entries of the kernel's table of files are taken."),
  },
  { typeField: "class" },
);

export type ResourceStressSpec = InferOutput<typeof resourceStressSchema>;

const bounds = {
  cpus: [0, 1024],
  cpuPercent: [1, 100],
  diskPercent: [0, 99],
  openFiles: [0, 1_000_000],
} as const;

export function resourceStressProblems(spec: ResourceStressSpec): Problem[] {
  const problems: Problem[] = [];
  for (const [path, [min, max]] of Object.entries(bounds)) {
    const value = spec[path as keyof typeof bounds];
    if (value >= min && value <= max) continue;
    problems.push({ path, message: `expected a number from ${min} to ${max}, found ${value}` });
  }
  if (spec.memoryBytes < 0n) {
    problems.push({
      path: "memoryBytes",
      message: `expected 0 or more, found ${spec.memoryBytes}`,
    });
  }
  if (spec.diskPercent > 0 && !spec.diskPath.startsWith("/")) {
    const message = `expected the whole path of a folder, found "${spec.diskPath}"`;
    problems.push({ path: "diskPath", message });
  }
  const { cpus, memoryBytes, diskPercent, openFiles } = spec;
  if (cpus === 0 && memoryBytes === 0n && diskPercent === 0 && openFiles === 0) {
    const message = "expected cpus, memoryBytes, diskPercent or openFiles above 0";
    problems.push({ path: "cpus", message });
  }
  return problems;
}
