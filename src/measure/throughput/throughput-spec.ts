// Throughput generators: how many messages go out in each window of time.

import * as v from "valibot";
import { double } from "../../spec/types/double.ts";
import { field } from "../../spec/types/field.ts";
import { generatorUnion } from "../../spec/types/generator-union.ts";
import { int32, int64 } from "../../spec/types/integer.ts";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";

/** The reference's window where none is given. */
export const DEFAULT_WINDOW_MS = 100n;

const constantSchema = specObject(
  {
    type: typeWord("constant", "The same number of messages in each window."),
    messagesPerWindow: field(int32(), 0, "0 and below mean as many as possible.", {
      unit: "messages",
    }),
    windowSizeMs: windowField(),
  },
  { typeField: "type" },
);

const gaussianSchema = specObject(
  {
    type: typeWord("gaussian", "A number of messages that varies around a mean."),
    messagesPerWindowAverage: field(int32(), 0, "The mean; at least 1 is sent.", {
      unit: "messages",
    }),
    messagesPerWindowDeviation: field(double(), 0, "The standard deviation.", {
      unit: "messages",
    }),
    windowsUntilRateChange: field(int32(), 0, "Windows of one number before the next is drawn."),
    windowSizeMs: windowField(),
  },
  { typeField: "type" },
);

export type ThroughputSpec =
  | v.InferOutput<typeof constantSchema>
  | v.InferOutput<typeof gaussianSchema>;

export const throughputGenerator = generatorUnion<ThroughputSpec>([constantSchema, gaussianSchema]);

function windowField() {
  const size = v.pipe(
    int64(),
    v.transform((sizeMs: bigint) => (sizeMs <= 0n ? DEFAULT_WINDOW_MS : sizeMs)),
  );
  return field(size, 0, "The length of a window. 0 and below mean 100.", { unit: "ms" });
}
