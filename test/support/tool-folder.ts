// A folder that stands for PATH on a node where only some programs are installed.

import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrogdorError } from "../../src/core/trogdor-error.ts";
import type { Commands } from "../../src/platform/commands/commands.ts";
import type { NetworkNamespace } from "./network-namespace.ts";

export interface ToolFolder extends Disposable {
  readonly path: string;
}

/** Beside what every node has. */
export function toolFolder(programs: readonly string[]): ToolFolder {
  const path = mkdtempSync(join(tmpdir(), "trogdor-tools-"));
  for (const program of [...programs, "cat", "ip", "readlink", "tc", "unshare"]) {
    const real = Bun.which(program);
    if (real === null) throw new Error(`this test needs ${program}`);
    symlinkSync(real, join(path, program));
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Commands inside the namespace that find the programs of the folder only. */
export function commandsWith(folder: ToolFolder, { commands }: NetworkNamespace): Commands {
  const environment = ["env", `PATH=${folder.path}`];
  return {
    ...commands,
    run(command) {
      const program = Bun.which(command[0]!, { PATH: folder.path });
      if (program !== null) return commands.run([...environment, program, ...command.slice(1)]);
      const why = "error=2, No such file or directory";
      return Promise.reject(new TrogdorError("task", `Cannot run program "${command[0]}": ${why}`));
    },
  };
}
