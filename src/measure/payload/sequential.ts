// The position itself as a little-endian 64-bit integer, cut or filled with zeros to `size`.
// Written from two 32-bit halves.

import * as v from "valibot";
import { documented, field } from "../../spec/types/field.ts";
import { int64 } from "../../spec/types/integer.ts";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";
import { writeUint32 } from "./little-endian.ts";
import { sizeField } from "./payload-fields.ts";
import type { PayloadGenerator } from "./payload-generator.ts";

const TWO_32 = 0x1_0000_0000;

/** The reference reads `offset` but prints `startOffset`; it accepts both and the latter wins. */
export const sequentialSchema = v.pipe(
  specObject(
    {
      type: typeWord("sequential", "The position as a little-endian 64-bit integer."),
      size: sizeField(),
      offset: field(int64(), 0, "Added to the position."),
      startOffset: documented(
        v.nullish(int64()),
        "The printed name of `offset`; where it stands, even as null, it wins.",
      ),
    },
    { typeField: "type" },
  ),
  v.transform(({ type, size, offset, startOffset }) => ({
    type,
    size,
    startOffset: startOffset === undefined ? offset : (startOffset ?? 0n),
  })),
);

export type SequentialSpec = v.InferOutput<typeof sequentialSchema>;

export function sequentialPayload({ size, startOffset }: SequentialSpec): PayloadGenerator {
  const offsetBits = BigInt.asUintN(64, startOffset);
  const offsetLow = Number(offsetBits & 0xffffffffn);
  const offsetHigh = Number(offsetBits >> 32n);

  return {
    fixedSize: size,
    size: () => size,
    write(position, target, offset) {
      const low = (position % TWO_32) + offsetLow;
      if (size === 4) {
        writeUint32(low, target, offset);
        return;
      }
      const high = Math.floor(position / TWO_32) + offsetHigh + (low >= TWO_32 ? 1 : 0);
      writeLong(low, high, target, offset);
    },
  };

  function writeLong(low: number, high: number, target: Uint8Array, offset: number): void {
    if (size >= 8) {
      writeUint32(low, target, offset);
      writeUint32(high, target, offset + 4);
      if (size > 8) target.fill(0, offset + 8, offset + size);
      return;
    }
    for (let at = 0; at < size; at++) {
      target[offset + at] = (at < 4 ? low : high) >>> ((at & 3) * 8);
    }
  }
}
