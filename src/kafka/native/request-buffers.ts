// Memory for requests on their way into a socket, used again once the socket has taken them.

import { createStandingTails, type StandingTails } from "./constant-tail.ts";

export interface RequestMemory {
  readonly bytes: Uint8Array;
  /** The constant ends of records that former requests left in it. */
  readonly standing: StandingTails;
}

export interface RequestBuffers {
  take(sizeBytes: number): RequestMemory;
  give(memory: RequestMemory): void;
}

const smallestBytes = 64 * 1024;
const keptMax = 4;

export function createRequestBuffers(): RequestBuffers {
  const free: RequestMemory[] = [];
  return {
    take(sizeBytes) {
      // The last one given back is the one that the caches still hold.
      const index = free.findLastIndex(({ bytes }) => bytes.byteLength >= sizeBytes);
      if (index >= 0) return free.splice(index, 1)[0]!;
      let bytes = smallestBytes;
      while (bytes < sizeBytes) bytes *= 2;
      return createRequestMemory(bytes);
    },
    give(memory) {
      if (free.length === keptMax)
        free.sort((a, b) => b.bytes.byteLength - a.bytes.byteLength).pop();
      free.push(memory);
    },
  };
}

export function createRequestMemory(sizeBytes: number): RequestMemory {
  return { bytes: new Uint8Array(sizeBytes), standing: createStandingTails() };
}
