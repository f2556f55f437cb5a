// The archive of finished tasks: a file of JSON lines in the state folder, on disk before the
// tasks are dropped. A full one is kept as `.1` in place of the one before, so two files are the
// bound.

import { open, rename, stat } from "node:fs/promises";
import type { TaskArchive } from "../../daemons/coordinator/task-archive.ts";

export const archiveSizeBytesMax = 64 * 1024 * 1024;

export function archiveFile(path: string, sizeBytesMax = archiveSizeBytesMax): TaskArchive {
  return {
    async append(lines) {
      const text = lines.map((line) => `${line}\n`).join("");
      if ((await sizeOf(path)) + Buffer.byteLength(text) > sizeBytesMax / 2) {
        await rename(path, `${path}.1`).catch(ignoreMissing);
      }
      const file = await open(path, "a", 0o600);
      try {
        await file.writeFile(text);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(({ size }) => size, ignoreMissing);
}

function ignoreMissing(error: unknown): number {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
  throw error;
}
