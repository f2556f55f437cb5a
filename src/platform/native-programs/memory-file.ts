// Files that live in memory only (memfd_create): a program can be run from one where no folder is
// writable or all are mounted noexec, and nothing is left of it, however this process ends. Sealed,
// so that what runs is what was written.

import { writeSync } from "node:fs";
import { openLibc } from "../libc/libc.ts";

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** Nobody may seal, shrink, grow or write any more. */
const ALL_SEALS = 1 | 2 | 4 | 8;

/** The file's descriptor, which stays open; undefined where the kernel or libc refuses. */
export function memoryFile(name: string, bytes: Uint8Array): number | undefined {
  const libc = openLibc();
  if (libc === undefined) return undefined;
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const file = libc.memfd_create(Buffer.from(`${name}\0`), flags);
  if (file < 0) return undefined;
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  libc.fcntl(file, F_ADD_SEALS, ALL_SEALS);
  return file;
}
