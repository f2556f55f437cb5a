// What every verb needs: the helper's path and the mount point that was named.

import { resolve } from "node:path";
import { TrogdorError } from "../../core/trogdor-error.ts";
import { realNativePrograms } from "../../platform/native-programs/real-native-programs.ts";
import type { CommandLine, OperandDefinition } from "../command.ts";

export function helperPath(): string {
  return realNativePrograms().pathOf("kibosh");
}

export const mountOperand: OperandDefinition = {
  name: "MOUNT",
  required: true,
  repeatable: false,
  description: "The folder that is mounted.",
  completes: "files",
};

export function mountOf(line: CommandLine): string {
  return resolve(line.operands[0] ?? ".");
}

/** Mounting needs root; saying so beats what the kernel would say. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new TrogdorError("task", "Mounting needs root: run it with sudo");
}
