// Loads the add-on of native/batches/. This is what a run from the sources does, which compiles it
// when it is missing; in an executable scripts/executable/embed-plugin.ts puts a module in place of
// this one that loads the add-on inside of the executable.

import { join } from "node:path";

const BUILD_SCRIPT = join(import.meta.dir, "../../../../scripts/executable/native-path.ts");

/** Its exports; throws where it cannot be had. */
export function loadBatchesAddOn(): unknown {
  const built = Bun.spawnSync([process.execPath, "--no-env-file", BUILD_SCRIPT, "batches"], {
    stdin: "ignore",
    stderr: "pipe",
  });
  if (!built.success) throw new Error(built.stderr.toString().trim());
  const module = { exports: {} as unknown };
  process.dlopen(module, built.stdout.toString());
  return module.exports;
}
