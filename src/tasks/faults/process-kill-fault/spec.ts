// The spec of ProcessKillFault.

import type { InferOutput } from "valibot";
import type { Problem } from "../../../core/trogdor-error.ts";
import { taskEntries } from "../../../spec/task-entries.ts";
import { choice } from "../../../spec/types/choice.ts";
import { field } from "../../../spec/types/field.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { listOf } from "../../../spec/types/list.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";
import { nodeFields } from "../../node-fault.ts";
import { selectorFields, selectorProblems } from "../../process-selector.ts";

export const CLASS_NAME = "trogdor.ProcessKillFaultSpec";
export const SHORT_NAME = "ProcessKillFault";

/** Those that end a process that does nothing about them. */
const endingSignals = ["SIGKILL", "SIGTERM", "SIGINT", "SIGQUIT", "SIGABRT", "SIGSEGV"] as const;
const otherSignals = ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

export const processKillSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    ...nodeFields(),
    ...selectorFields(),
    signal: field(choice([...endingSignals, ...otherSignals]), "SIGKILL", "What they are sent."),
    intervalMs: field(
      int32(),
      0,
      "Again and again after so long, whoever matches then: a crash loop. 0 means once.",
      { unit: "ms" },
    ),
    restartCommand: field(
      listOf(text()),
      [],
      "Starts them again: program and arguments. Run at the end, and in a crash loop after each " +
        "kill. Empty leaves that to whoever supervises them.",
    ),
  },
  { typeField: "class" },
);

export type ProcessKillSpec = InferOutput<typeof processKillSchema>;

const intervalMsMin = 100;

export function processKillProblems(spec: ProcessKillSpec): Problem[] {
  const problems: Problem[] = selectorProblems(spec);
  const { intervalMs } = spec;
  if (intervalMs !== 0 && intervalMs < intervalMsMin) {
    const message = `expected 0 or ${intervalMsMin} and more, found ${intervalMs}`;
    problems.push({ path: "intervalMs", message });
  }
  return problems;
}

export function endsProcesses(signal: string): boolean {
  return (endingSignals as readonly string[]).includes(signal);
}
