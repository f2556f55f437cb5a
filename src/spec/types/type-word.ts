// The `type` of a generator: one word that selects it.

import * as v from "valibot";
import { scalar } from "./scalar.ts";

export function typeWord<const Word extends string>(word: Word, description: string) {
  return v.pipe(
    scalar<Word>({
      expected: `"${word}"`,
      jsonSchema: { const: word },
      read: (value) => (value === word ? word : { refused: true }),
    }),
    v.description(description),
  );
}
