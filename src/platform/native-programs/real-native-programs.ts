// Makes the native programs runnable: from a sealed file in memory, or where that is refused (an
// old kernel, vm.memfd_noexec) from a private file in a folder that is writable and not noexec.

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import { memoryFile } from "./memory-file.ts";
import type { NativeProgramName, NativePrograms } from "./native-programs.ts";
import { programFile } from "./program-file.ts";

export interface NativeProgramOptions {
  /** Where private files may be put if need be; tried before the temporary folders. */
  readonly stateDir?: string;
  /** False leaves out the file in memory; for tests. */
  readonly usesMemory?: boolean;
}

export function realNativePrograms(options: NativeProgramOptions = {}): NativePrograms {
  const paths = new Map<NativeProgramName, string>();
  return {
    pathOf(name) {
      const known = paths.get(name);
      if (known !== undefined) return known;
      const path = runnablePath(name, options);
      paths.set(name, path);
      return path;
    },
  };
}

function runnablePath(name: NativeProgramName, options: NativeProgramOptions): string {
  const problems: string[] = [];
  const attempt = (where: string, place: () => string | undefined): string | undefined => {
    try {
      const path = place();
      if (path === undefined) problems.push(`${where}: refused`);
      else if (runs(path)) return path;
      else problems.push(`${where}: does not run from there`);
    } catch (error) {
      problems.push(`${where}: ${errorText(error)}`);
    }
    return undefined;
  };
  const bytes = readFileSync(programFile(name));
  if (options.usesMemory !== false) {
    const path = attempt("memory", () => inMemory(name, bytes));
    if (path !== undefined) return path;
  }
  for (const folder of [options.stateDir, tmpdir(), "/dev/shm", "/var/tmp"]) {
    if (folder === undefined) continue;
    const path = attempt(folder, () => inFolder(folder, name, bytes));
    if (path !== undefined) return path;
  }
  throw new TrogdorError(
    "configuration",
    `trogdor-${name} cannot be run from anywhere; set TMPDIR to a folder that is writable and ` +
      `not mounted noexec (${problems.join("; ")})`,
  );
}

/** Children resolve it before their descriptors are closed, so no descriptor is inherited. */
function inMemory(name: string, bytes: Uint8Array): string | undefined {
  const file = memoryFile(`trogdor-${name}`, bytes);
  return file === undefined ? undefined : `/proc/self/fd/${file}`;
}

function inFolder(folder: string, name: string, bytes: Uint8Array): string {
  const own = mkdtempSync(join(folder, "trogdor-"));
  process.on("exit", () => rmSync(own, { recursive: true, force: true }));
  const path = join(own, `trogdor-${name}`);
  writeFileSync(path, bytes);
  chmodSync(path, 0o500);
  return path;
}

/** Every native program answers --version with its name. */
function runs(path: string): boolean {
  try {
    const result = Bun.spawnSync([path, "--version"], { stdin: "ignore", stderr: "ignore" });
    return result.success && result.stdout.toString().startsWith("trogdor-");
  } catch {
    return false;
  }
}
