// No bytes at all: a record without a key, or a tombstone.

import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";
import type { PayloadGenerator } from "./payload-generator.ts";

export const nullSchema = specObject(
  { type: typeWord("null", "Null: no key, or a value that deletes (a tombstone).") },
  { typeField: "type" },
);

export function nullPayload(): PayloadGenerator {
  return {
    fixedSize: -1,
    size: () => -1,
    write: () => {},
  };
}
