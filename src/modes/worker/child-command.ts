// The command that starts a child of this very program.

import { join } from "node:path";

/** Modules of an executable are in a file system of their own inside of it. */
const isExecutable = () => Bun.main.startsWith("/$bunfs/");

export function childCommand(mode: string): readonly string[] {
  if (isExecutable()) return [process.execPath, mode];
  return [process.execPath, "--no-env-file", join(import.meta.dir, "../../main.ts"), mode];
}
