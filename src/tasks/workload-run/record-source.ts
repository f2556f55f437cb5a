// The records of a load, from the generators of its keys and values.

import type { RecordSource } from "../../kafka/client.ts";
import type { PayloadGenerator } from "../../measure/payload/payload-generator.ts";

export function recordSource(key: PayloadGenerator, value: PayloadGenerator): RecordSource {
  const isFixed = key.fixedSize !== undefined && value.fixedSize !== undefined;
  return {
    fixedSizes: isFixed ? { key: key.fixedSize, value: value.fixedSize } : undefined,
    constantValue: value.constant,
    keySize: key.size,
    valueSize: value.size,
    writeKey: key.write,
    writeValue: value.write,
  };
}
