// Loads a native add-on that is embedded in the executable and leaves nothing behind. Left to
// itself Bun copies it to a fixed name in the temporary folder and never removes it; here the copy
// has no name at all (O_TMPFILE), so that it vanishes with the process, however that ends. Bundled
// in by embed-plugin.ts.

import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Not among Node's constants: linux/fcntl.h, which has the same value on x64 and arm64 but for
 * O_DIRECTORY.
 */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/** Folders that are tried in turn: the first may be full, read-only or mounted noexec. */
function folders(): string[] {
  return [tmpdir(), "/dev/shm", "/var/tmp", process.cwd()];
}

/** The add-on's exports. `embeddedPath` is what Bun gives for the embedded file. */
export function loadAddOn(embeddedPath: string): unknown {
  const bytes = readFileSync(embeddedPath);
  const problems: string[] = [];
  for (const folder of folders()) {
    for (const load of [loadNameless, loadNamed]) {
      try {
        return load(bytes, folder);
      } catch (error) {
        problems.push(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  throw new Error(
    "found no folder that a native add-on can be loaded from; set TMPDIR to one that is writable " +
      `and not mounted noexec (${problems.join("; ")})`,
  );
}

let count = 0;

function loadNameless(bytes: Uint8Array, folder: string): unknown {
  const file = openSync(folder, O_TMPFILE | constants.O_RDWR, 0o700);
  try {
    writeFileSync(file, bytes);
    // The loader takes what has the name of an object that it has loaded for that object, and
    // descriptors are used again: so each add-on is called differently.
    count += 1;
    return load(`/proc/self/fd/${"./".repeat(count)}${file}`);
  } finally {
    closeSync(file);
  }
}

/** For file systems that do not know O_TMPFILE: the name is gone as soon as the file is mapped. */
function loadNamed(bytes: Uint8Array, folder: string): unknown {
  const own = mkdtempSync(join(folder, "trogdor-"));
  try {
    writeFileSync(join(own, "add-on.node"), bytes, { mode: 0o700 });
    return load(join(own, "add-on.node"));
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function load(path: string): unknown {
  const module = { exports: {} as unknown };
  process.dlopen(module, path);
  return module.exports;
}
