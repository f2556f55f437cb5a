// What went wrong with a state folder, as the one sentence people read: which folder, what is the
// matter, what to do. The process that met it ends, so all of them are definite.

import { errorText, TrogdorError } from "../../core/trogdor-error.ts";

export type StoreTrouble =
  | "locked"
  | "notWritable"
  | "full"
  | "corrupt"
  | "newer"
  | "foreign"
  | "closed"
  | "other";

const sentences: Readonly<Record<StoreTrouble, (folder: string, detail: string) => string>> = {
  locked: (folder, detail) =>
    `The state folder ${folder} is in use by ${detail}: stop that one, or give another --state-dir`,
  notWritable: (folder, detail) =>
    `The state folder ${folder} cannot be written (${detail}): make it writable for this user, ` +
    "or give another --state-dir",
  full: (folder, detail) =>
    `The disk that holds the state folder ${folder} is full (${detail}): free some space and ` +
    "start again; nothing that was acknowledged is lost",
  corrupt: (folder, detail) =>
    `The state folder ${folder} is damaged (${detail}): restore it from a backup, or move it ` +
    "away to start empty",
  newer: (folder, detail) =>
    `The state folder ${folder} was written by a newer Trogdor (${detail}): use that version, or ` +
    "give another --state-dir",
  foreign: (folder, owner) =>
    `The state folder ${folder} is that of ${owner}: give another --state-dir`,
  closed: (folder) => `The state folder ${folder} was closed already`,
  other: (folder, detail) => `The state folder ${folder} cannot be used: ${detail}`,
};

export function storeError(
  trouble: StoreTrouble,
  folder: string,
  detail: string,
  cause?: unknown,
): TrogdorError {
  return new TrogdorError("refused", sentences[trouble](folder, detail), { cause });
}

/** The beginnings of SQLite's and the system's error codes, and what they mean here. */
const troubleOfCode: readonly (readonly [string, StoreTrouble])[] = [
  ["SQLITE_BUSY", "locked"],
  ["SQLITE_LOCKED", "locked"],
  ["SQLITE_FULL", "full"],
  ["SQLITE_CORRUPT", "corrupt"],
  ["SQLITE_NOTADB", "corrupt"],
  ["SQLITE_READONLY", "notWritable"],
  ["SQLITE_CANTOPEN", "notWritable"],
  ["SQLITE_PERM", "notWritable"],
  ["SQLITE_AUTH", "notWritable"],
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["EACCES", "notWritable"],
  ["EPERM", "notWritable"],
  ["EROFS", "notWritable"],
  ["ENOTDIR", "notWritable"],
  ["EEXIST", "notWritable"],
];

export function troubleOf(error: unknown): StoreTrouble {
  const code = codeOf(error);
  return troubleOfCode.find(([start]) => code.startsWith(start))?.[1] ?? "other";
}

/** An error of SQLite or of the system as the sentence that fits; ours are handed on. */
export function asStoreError(error: unknown, folder: string): TrogdorError {
  if (error instanceof TrogdorError) return error;
  return storeError(troubleOf(error), folder, errorText(error), error);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}
