// Decompression of fetched batches. gzip and zstd come with the runtime; snappy and lz4 are
// WebAssembly that is loaded when the first such batch arrives. What a batch may grow to is
// bounded, so that a broken or hostile one cannot take all memory.

import { gunzipSync, zstdDecompressSync } from "node:zlib";

export type Decompress = (bytes: Uint8Array) => Uint8Array;

/** The most that one batch may hold when it is decompressed. */
export const inflatedBytesMax = 256 * 1024 * 1024;

export interface Codecs {
  /** By the compression bits of a batch; undefined: not loaded yet, or unknown. */
  get(attribute: number): Decompress | undefined;
  /** Loads it; rejects for bits that no codec has. */
  load(attribute: number): Promise<void>;
}

const names = ["none", "gzip", "snappy", "lz4", "zstd"];

export function isKnownCodec(attribute: number): boolean {
  return attribute < names.length;
}

export function createCodecs(): Codecs {
  const loaded: (Decompress | undefined)[] = [];
  const limit = { maxOutputLength: inflatedBytesMax };
  loaded[1] = (bytes) => gunzipSync(bytes, limit);
  loaded[4] = (bytes) => zstdDecompressSync(bytes, limit);
  return {
    get: (attribute) => loaded[attribute],
    async load(attribute) {
      const { lz4Decompress, snappyDecompress } = await import("@platformatic/wasm-utils");
      if (attribute === 2) loaded[2] = (bytes) => inflateSnappy(bytes, snappyDecompress);
      if (attribute === 3) loaded[3] = (bytes) => lz4Decompress(asBuffer(bytes));
    },
  };
}

type DecompressBuffer = (bytes: Buffer) => Uint8Array;

const xerialMagic = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
const xerialHeaderBytes = 16;

/**
 * Java writes snappy in the framing of the xerial library: a header of 16 bytes, then blocks with
 * their length in front. Other clients write one plain block.
 */
function inflateSnappy(bytes: Uint8Array, decompress: DecompressBuffer): Uint8Array {
  if (!xerialMagic.every((byte, index) => bytes[index] === byte)) {
    return inflateBlock(bytes, decompress);
  }
  const blocks: Uint8Array[] = [];
  let total = 0;
  for (let at = xerialHeaderBytes; at < bytes.length; ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = view.getUint32(at);
    const block = inflateBlock(bytes.subarray(at + 4, at + 4 + length), decompress);
    total += block.length;
    if (total > inflatedBytesMax) throw tooLarge();
    blocks.push(block);
    at += 4 + length;
  }
  return Buffer.concat(blocks, total);
}

function inflateBlock(block: Uint8Array, decompress: DecompressBuffer): Uint8Array {
  let size = 0;
  for (let index = 0, shift = 0; shift < 35; index++, shift += 7) {
    const byte = block[index] ?? 0;
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (size > inflatedBytesMax) throw tooLarge();
  return decompress(asBuffer(block));
}

function tooLarge(): Error {
  return new RangeError(`more than ${inflatedBytesMax} bytes when decompressed`);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
