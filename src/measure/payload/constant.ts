// The same bytes for every position: `value` repeated and cut to `size`, or zeros.

import * as v from "valibot";
import { bytes } from "../../spec/types/bytes.ts";
import { field } from "../../spec/types/field.ts";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";
import { checked, PAYLOAD_SIZE_MAX_BYTES, sizeField } from "./payload-fields.ts";
import type { PayloadGenerator } from "./payload-generator.ts";

export const constantSchema = v.pipe(
  checked(
    specObject(
      {
        type: typeWord("constant", "The same bytes each time."),
        size: sizeField(),
        value: field(bytes(), "", "Repeated and cut to `size`. Empty: zeros."),
      },
      { typeField: "type" },
    ),
    "size",
    ({ size, value }) => {
      if (value.length > 0 || (size >= 0 && size <= PAYLOAD_SIZE_MAX_BYTES)) return undefined;
      return `expected 0 to ${PAYLOAD_SIZE_MAX_BYTES} bytes, found ${size}`;
    },
  ),
  // The reference prints the zeros that an empty value stands for.
  v.transform(({ type, size, value }) => ({
    type,
    size,
    value: value.length === 0 ? new Uint8Array(size) : value,
  })),
);

export type ConstantSpec = v.InferOutput<typeof constantSchema>;

export function constantPayload(spec: ConstantSpec): PayloadGenerator {
  const { size } = spec;
  const payload = new Uint8Array(size);
  for (let at = 0; at < size; at++) payload[at] = spec.value[at % spec.value.length] ?? 0;
  return {
    fixedSize: size,
    constant: payload,
    size: () => size,
    write(_position, target, offset) {
      target.set(payload, offset);
    },
  };
}
