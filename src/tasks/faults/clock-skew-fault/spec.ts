// The spec of ClockSkewFault.

import type { InferOutput } from "valibot";
import type { Problem } from "../../../core/trogdor-error.ts";
import { taskEntries } from "../../../spec/task-entries.ts";
import { choice } from "../../../spec/types/choice.ts";
import { double } from "../../../spec/types/double.ts";
import { field } from "../../../spec/types/field.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { specObject } from "../../../spec/types/object.ts";
import { nodeFields } from "../../node-fault.ts";

export const CLASS_NAME = "trogdor.ClockSkewFaultSpec";
export const SHORT_NAME = "ClockSkewFault";

export const clockSkewSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    ...nodeFields(),
    mode: field(
      choice(["step", "strobe", "drift"]),
      "step",
      "step: off by offsetMs all the time. strobe: off and right again in turns. drift: further " +
        "off all the time.",
    ),
    offsetMs: field(int32(), 0, "How far off, ahead or (below 0) behind.", { unit: "ms" }),
    intervalMs: field(int32(), 1000, "How long each turn of a strobe lasts.", { unit: "ms" }),
    driftMsPerSec: field(double(), 0, "How much a drifting clock gains (below 0: loses) a second."),
  },
  { typeField: "class" },
);

export type ClockSkewSpec = InferOutput<typeof clockSkewSchema>;

const offsetMsMin = 100;
const intervalMsMin = 10;
const driftMax = 500;

export function clockSkewProblems(spec: ClockSkewSpec): Problem[] {
  const { mode, offsetMs, intervalMs, driftMsPerSec } = spec;
  const problems: Problem[] = [];
  if (mode !== "drift" && Math.abs(offsetMs) < offsetMsMin) {
    const message = `expected ${offsetMsMin} or more in either direction, found ${offsetMs}`;
    problems.push({ path: "offsetMs", message });
  }
  if (mode === "strobe" && intervalMs < intervalMsMin) {
    const message = `expected ${intervalMsMin} or more, found ${intervalMs}`;
    problems.push({ path: "intervalMs", message });
  }
  if (mode === "drift" && !(driftMsPerSec !== 0 && Math.abs(driftMsPerSec) <= driftMax)) {
    const message = `expected up to ${driftMax} in either direction but 0, found ${driftMsPerSec}`;
    problems.push({ path: "driftMsPerSec", message });
  }
  return problems;
}
