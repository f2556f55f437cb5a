// A pipe for a child's output. The runtime would use a socket, and a program cannot open
// /dev/stdout anew when that is one, as shell scripts like to do.

import { closeSync } from "node:fs";
import { openLibc } from "../libc/libc.ts";

const O_CLOEXEC = 0o2000000;

export interface OutputReader {
  /** The next bytes; undefined at the end. What is not read stays in the pipe, and holds up. */
  read(): Promise<Uint8Array | undefined>;
  /** Reads no more; may be repeated. */
  discard(): void;
}

export interface OutputPipe extends OutputReader {
  /** What the child writes to; closed here once it is started. */
  readonly childEnd: number;
}

/** Undefined where pipes cannot be made; a socket serves as well then. */
export function outputPipe(): OutputPipe | undefined {
  const files = new Int32Array(2);
  if (openLibc()?.pipe2(files, O_CLOEXEC) !== 0) return undefined;
  const [ownEnd = -1, childEnd = -1] = files;
  let isClosed = false;
  // The runtime leaves the descriptor to whoever opened it.
  const close = () => {
    if (!isClosed) closeSync(ownEnd);
    isClosed = true;
  };
  const reader = streamReader(Bun.file(ownEnd).stream());
  return {
    childEnd,
    async read() {
      const bytes = await reader.read();
      if (bytes === undefined) close();
      return bytes;
    },
    discard() {
      reader.discard();
      close();
    },
  };
}

export function streamReader(stream: ReadableStream<Uint8Array>): OutputReader {
  const reader = stream.getReader();
  return {
    async read() {
      try {
        return (await reader.read()).value;
      } catch {
        return undefined;
      }
    },
    discard() {
      reader.cancel().catch(() => {});
    },
  };
}
