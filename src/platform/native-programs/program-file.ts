// Where the bytes of a native program are. This is the answer for a run from the sources, which
// compiles what is missing; in an executable scripts/executable/embed-plugin.ts puts a module in
// place of this one that answers with files inside of the executable.

import { join } from "node:path";
import type { NativeProgramName } from "./native-programs.ts";

const BUILD_SCRIPT = join(import.meta.dir, "../../../scripts/executable/native-path.ts");

export function programFile(name: NativeProgramName): string {
  const built = Bun.spawnSync([process.execPath, "--no-env-file", BUILD_SCRIPT, name], {
    stdin: "ignore",
    stderr: "pipe",
  });
  if (!built.success) throw new Error(built.stderr.toString().trim());
  return built.stdout.toString();
}
