// Files that live in memory only (memfd_create): a program can be run from one where no folder is
// writable or all are mounted noexec, and nothing is left of it, however this process ends. Sealed,
// so that what runs is what was written. The runtime has no call for it, so libc's are used.

import { dlopen } from "bun:ffi";
import { writeSync } from "node:fs";

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** Nobody may seal, shrink, grow or write any more. */
const ALL_SEALS = 1 | 2 | 4 | 8;

const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

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

interface Libc {
  memfd_create(name: Uint8Array, flags: number): number;
  fcntl(file: number, command: number, argument: number): number;
}

function openLibc(): Libc | undefined {
  for (const library of LIBRARIES) {
    try {
      const { symbols } = dlopen(library, {
        memfd_create: { args: ["ptr", "u32"], returns: "i32" },
        fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
      });
      return symbols;
    } catch {
      // The other libc, then.
    }
  }
  return undefined;
}
