// Files of the real node.

import { open, readFile, rm, stat, statfs } from "node:fs/promises";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { Files } from "./files.ts";

const blockSizeBytes = 1024 * 1024;

export const realFiles: Files = {
  readText: (path) => named(path, "read", () => absentAsUndefined(() => readFile(path, "utf8"))),
  writeText: (path, text) =>
    named(path, "written", async () => {
      const file = await open(path, "w");
      try {
        await file.writeFile(text);
      } finally {
        await file.close();
      }
    }),
  remove: (path) => named(path, "removed", () => rm(path, { force: true })),
  sizeBytes: (path) =>
    named(path, "read", () => absentAsUndefined(async () => (await stat(path)).size)),
  space: (folder) =>
    named(folder, "read", async () => {
      const { blocks, bavail, bsize } = await statfs(folder);
      return { totalBytes: blocks * bsize, availableBytes: bavail * bsize };
    }),
  allocate: (path, sizeBytes) => named(path, "written", () => fill(path, sizeBytes)),
};

/** Zeros would be enough, but some file systems keep none of them. */
async function fill(path: string, sizeBytes: number): Promise<void> {
  const block = crypto.getRandomValues(new Uint8Array(64 * 1024));
  const large = new Uint8Array(blockSizeBytes);
  for (let at = 0; at < blockSizeBytes; at += block.length) large.set(block, at);
  const file = await open(path, "w");
  try {
    for (let left = sizeBytes; left > 0; left -= blockSizeBytes) {
      await file.write(large, 0, Math.min(left, blockSizeBytes));
    }
  } finally {
    await file.close();
  }
}

async function absentAsUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function named<T>(path: string, verb: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const message = `${path} cannot be ${verb}: ${errorText(error)}`;
    throw new TrogdorError("task", message, { cause: error });
  }
}
