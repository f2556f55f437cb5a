// Flush generators: after how many messages the producer is flushed.

import type * as v from "valibot";
import { double } from "../../spec/types/double.ts";
import { field } from "../../spec/types/field.ts";
import { generatorUnion } from "../../spec/types/generator-union.ts";
import { int32 } from "../../spec/types/integer.ts";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";
import { gaussianCount, type Uniform } from "../gaussian.ts";

const constantSchema = specObject(
  {
    type: typeWord("constant", "After the same number of messages."),
    messagesPerFlush: field(int32(), 0, "Messages until a flush. 0 means after each.", {
      unit: "messages",
    }),
  },
  { typeField: "type" },
);

const gaussianSchema = specObject(
  {
    type: typeWord("gaussian", "After a number of messages that varies around a mean."),
    messagesPerFlushAverage: field(int32(), 0, "The mean; at least 1.", { unit: "messages" }),
    messagesPerFlushDeviation: field(double(), 0, "The standard deviation.", {
      unit: "messages",
    }),
  },
  { typeField: "type" },
);

export type FlushSpec = v.InferOutput<typeof constantSchema> | v.InferOutput<typeof gaussianSchema>;

export const flushGenerator = generatorUnion<FlushSpec>([constantSchema, gaussianSchema]);

export interface FlushCounter {
  /** Counts a message; true: flush now. */
  next(): boolean;
}

export function createFlushCounter(spec: FlushSpec, uniform: Uniform): FlushCounter {
  const draw = () =>
    spec.type === "constant"
      ? Math.max(1, spec.messagesPerFlush)
      : gaussianCount(spec.messagesPerFlushAverage, spec.messagesPerFlushDeviation, uniform);
  let left = draw();
  return {
    next() {
      left -= 1;
      if (left > 0) return false;
      left = draw();
      return true;
    },
  };
}
