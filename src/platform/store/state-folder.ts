// The folder on disk that a daemon keeps its state in: made with its parents, for its owner only
// (specs may hold passwords), and on disk itself before anything in it counts.

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { asStoreError, storeError } from "./store-error.ts";

/** Tells who holds the folder; the lock itself is SQLite's and ends with the process. */
const holderFile = "daemon.pid";

export function makeStateFolder(folder: string): void {
  if (folder.includes("?")) {
    throw storeError("other", folder, "its path holds a question mark; give another --state-dir");
  }
  try {
    const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (first !== undefined) syncFoldersBetween(dirname(first), folder);
  } catch (error) {
    throw asStoreError(error, folder);
  }
}

/**
 * Makes an empty file that only its owner can read, unless it is there: an existing one may be open
 * and locked by this very process, and closing it here would end that lock.
 */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** A new file or folder is lost with its parent's entry: sync those as well. */
function syncFoldersBetween(top: string, bottom: string): void {
  for (let folder = bottom; ; folder = dirname(folder)) {
    syncFolder(folder);
    if (folder === top || folder === dirname(folder)) return;
  }
}

export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Called with the lock held. */
export function writeHolder(folder: string): void {
  writeFileSync(join(folder, holderFile), `${process.pid}\n`, { mode: 0o600 });
}

export function readHolder(folder: string): string {
  try {
    const pid = readFileSync(join(folder, holderFile), "latin1").trim();
    if (/^\d{1,10}$/.test(pid)) return `process ${pid}`;
  } catch {
    // The other process has the lock and has not written its id yet.
  }
  return "another process";
}
