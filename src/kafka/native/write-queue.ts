// The bytes that still have to go into a socket. A socket's write may take only a part; the rest
// waits here, in order, until the socket drains. Each entry tells when its last byte was taken, so
// that its buffer can be used again.

interface Writable {
  /** Takes as many bytes as it can and says how many; below zero when it is closed. */
  write(bytes: Uint8Array, offset: number, length: number): number;
}

interface Entry {
  readonly bytes: Uint8Array;
  offset: number;
  readonly onWritten: (() => void) | undefined;
}

export interface WriteQueue {
  /**
   * Writes at once what the socket takes and keeps the rest. `bytes` must not change until then.
   */
  push(bytes: Uint8Array, onWritten?: () => void): void;
  /** The socket can take more. */
  drain(): void;
  readonly isEmpty: boolean;
}

export function createWriteQueue(socket: Writable): WriteQueue {
  const entries: Entry[] = [];

  function writeEntry(entry: Entry): boolean {
    const wanted = entry.bytes.byteLength - entry.offset;
    const written = socket.write(entry.bytes, entry.offset, wanted);
    if (written < 0) return false;
    entry.offset += written;
    if (entry.offset < entry.bytes.byteLength) return false;
    entry.onWritten?.();
    return true;
  }

  return {
    push(bytes, onWritten) {
      const entry: Entry = { bytes, offset: 0, onWritten };
      if (entries.length > 0 || !writeEntry(entry)) entries.push(entry);
    },
    drain() {
      while (entries.length > 0 && writeEntry(entries[0]!)) entries.shift();
    },
    get isEmpty() {
      return entries.length === 0;
    },
  };
}
