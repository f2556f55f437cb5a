// The `type` of a generator: one word that selects it.

import { scalar } from "./scalar.ts";

export function typeWord<const Word extends string>(word: Word, description: string) {
  return scalar<Word>({
    expected: `"${word}"`,
    jsonSchema: { const: word, description },
    read: (value) => (value === word ? word : { refused: true }),
  });
}
