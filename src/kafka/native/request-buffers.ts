// Memory for requests on their way into a socket, used again once the socket has taken them.

export interface RequestBuffers {
  take(sizeBytes: number): Uint8Array;
  give(buffer: Uint8Array): void;
}

const smallestBytes = 64 * 1024;
const keptMax = 4;

export function createRequestBuffers(): RequestBuffers {
  const free: Uint8Array[] = [];
  return {
    take(sizeBytes) {
      // The last one given back is the one that the caches still hold.
      const index = free.findLastIndex((buffer) => buffer.byteLength >= sizeBytes);
      if (index >= 0) return free.splice(index, 1)[0]!;
      let bytes = smallestBytes;
      while (bytes < sizeBytes) bytes *= 2;
      return new Uint8Array(bytes);
    },
    give(buffer) {
      if (free.length === keptMax) free.sort((a, b) => b.byteLength - a.byteLength).pop();
      free.push(buffer);
    },
  };
}
