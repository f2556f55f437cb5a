// Calls of the C library that the runtime has no words for. No call blocks, and none calls back.

import { dlopen } from "bun:ffi";

export interface Libc {
  /** The path ends with a zero byte. */
  memfd_create(name: Uint8Array, flags: number): number;
  fcntl(file: number, command: number, argument: number): number;
  pipe2(files: Int32Array, flags: number): number;
  flock(file: number, operation: number): number;
  /** `time` is seconds and nanoseconds. */
  clock_gettime(clock: number, time: BigInt64Array): number;
  clock_settime(clock: number, time: BigInt64Array): number;
}

const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

let known: Libc | undefined;

/** Undefined where it cannot be opened: whoever calls has another way. */
export function openLibc(): Libc | undefined {
  for (const library of known === undefined ? LIBRARIES : []) {
    try {
      known = dlopen(library, {
        memfd_create: { args: ["ptr", "u32"], returns: "i32" },
        fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
        pipe2: { args: ["ptr", "i32"], returns: "i32" },
        flock: { args: ["i32", "i32"], returns: "i32" },
        clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
        clock_settime: { args: ["i32", "ptr"], returns: "i32" },
      }).symbols;
      break;
    } catch {
      // The other libc, then.
    }
  }
  return known;
}
