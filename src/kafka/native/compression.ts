// The compression types of record batches. gzip and zstd come with the runtime, snappy and lz4 from
// the protocol library's WebAssembly module, which is loaded only when a configuration asks for it.

import {
  gunzipSync,
  gzipSync,
  constants as zlibConstants,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import type { CompressionType } from "../conf/types.ts";
import type { BatchCodec } from "./record-batch.ts";

/** `level` undefined: the codec's default. snappy and lz4 have one level here. */
export async function loadCodec(
  type: CompressionType,
  level: number | undefined,
): Promise<BatchCodec | undefined> {
  switch (type) {
    case "none":
      return undefined;
    case "gzip":
      return {
        attribute: 1,
        compress: (records) => gzipSync(records, level === undefined ? {} : { level }),
        decompress: gunzipSync,
      };
    case "snappy": {
      const { snappyCompress, snappyDecompress } = await import("@platformatic/wasm-utils");
      return {
        attribute: 2,
        compress: (records) => snappyCompress(asBuffer(records)),
        decompress: (bytes) => snappyDecompress(asBuffer(bytes)),
      };
    }
    case "lz4": {
      const { lz4Compress, lz4Decompress } = await import("@platformatic/wasm-utils");
      return {
        attribute: 3,
        compress: (records) => lz4Compress(asBuffer(records)),
        decompress: (bytes) => lz4Decompress(asBuffer(bytes)),
      };
    }
    case "zstd": {
      const params = level === undefined ? {} : { [zlibConstants.ZSTD_c_compressionLevel]: level };
      return {
        attribute: 4,
        compress: (records) => zstdCompressSync(records, { params }),
        decompress: zstdDecompressSync,
      };
    }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
