// Takes the rest of a large answer when Bun has handed over the first chunk of it. Bun makes a new
// array for each chunk, with a copy and with pages that the kernel has to clear; here the bytes
// come straight into memory that is used again, which the processor's caches still hold.

import { batchCode } from "./batch-code/batch-code.ts";

/** Less than this is left to Bun. */
const largeBytes = 128 * 1024;
/** A part of what the caches of one core hold today. */
const memoryBytes = 256 * 1024;
/** What other sockets and timers wait for at the most, if bytes come as fast as they are read. */
const bytesMax = 4 * 1024 * 1024;
/** How long to wait for a piece, which stops everything else meanwhile. */
const waitUs = 500;
/** How often Bun is left to do it after a piece did not come in time. */
const restsMax = 1024;

let memory: Uint8Array | undefined;
/** Over all sockets: where many share a slow network, none of them may stop the others. */
let rests = 0;
let nextRests = 1;

export interface ReadOnOptions {
  /** How much is sure to come. */
  bytesLeft?(): number;
  /** The bytes are valid during the call. */
  onData(chunk: Uint8Array): void;
}

/** `descriptor` answers -1 when the socket is closed. */
export function readOn(options: ReadOnOptions, descriptor: () => number): void {
  for (let room = bytesMax; room > 0; room -= memoryBytes) {
    const wanted = Math.min(memoryBytes, options.bytesLeft?.() ?? 0);
    if (wanted < largeBytes) return;
    if (rests > 0) {
      rests -= 1;
      return;
    }
    const { receive } = batchCode();
    const socket = descriptor();
    if (receive === undefined || socket < 0) return;
    memory ??= new Uint8Array(memoryBytes);
    const count = receive(socket, memory, wanted, waitUs);
    const isSlow = count < wanted;
    rests = isSlow ? nextRests : 0;
    nextRests = isSlow ? Math.min(2 * nextRests, restsMax) : 1;
    if (count > 0) options.onData(memory.subarray(0, count));
    if (isSlow) return;
  }
}
