// The specs of record processors: what a consuming workload does with the bytes of each record.
// There is one, `timestamp`: it takes the time that a producer wrote into the first 8 bytes of the
// value (the timestamp generators do) for the start of a latency.

import * as v from "valibot";
import { field } from "../../spec/types/field.ts";
import { generatorUnion } from "../../spec/types/generator-union.ts";
import { int32 } from "../../spec/types/integer.ts";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";

const timestampSchema = v.pipe(
  specObject(
    {
      type: typeWord("timestamp", "Latency from the time in the first 8 bytes of the value."),
      histogramMaxMs: field(int32(), 0, "The upper end of the histogram.", { unit: "ms" }),
      histogramMinMs: field(int32(), 0, "The lower end of the histogram.", { unit: "ms" }),
      histogramStepMs: field(int32(), 0, "The width of a bucket, at least 1.", { unit: "ms" }),
    },
    { typeField: "type" },
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { value } = dataset;
    const problem = histogramProblem(value);
    if (problem === undefined) return;
    const key = problem.field;
    addIssue({
      message: problem.message,
      path: [{ type: "object", origin: "value", input: value, key, value: value[key] }],
    });
  }),
);

export type TimestampSpec = v.InferOutput<typeof timestampSchema>;

export const recordProcessor = generatorUnion<TimestampSpec>([timestampSchema]);

interface HistogramBounds {
  readonly histogramMaxMs: number;
  readonly histogramMinMs: number;
  readonly histogramStepMs: number;
}

function histogramProblem(
  spec: HistogramBounds,
): { field: keyof HistogramBounds; message: string } | undefined {
  const { histogramMaxMs, histogramMinMs, histogramStepMs } = spec;
  if (histogramStepMs < 1) {
    const message = `expected a bucket's width of at least 1 ms, found ${histogramStepMs}`;
    return { field: "histogramStepMs", message };
  }
  if (histogramMaxMs >= histogramMinMs) return undefined;
  const message = `expected at least histogramMinMs (${histogramMinMs}), found ${histogramMaxMs}`;
  return { field: "histogramMaxMs", message };
}
