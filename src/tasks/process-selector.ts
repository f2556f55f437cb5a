// Picks processes of the node by what they were started with. Our own never match, and more than
// one only when the spec says how many there may be.

import { TrogdorError } from "../core/trogdor-error.ts";
import type { RunningProcess } from "../platform/process-table/process-table.ts";
import { field } from "../spec/types/field.ts";
import { int32 } from "../spec/types/integer.ts";
import { text } from "../spec/types/text.ts";
import type { FaultNode } from "./define-fault.ts";

/** The fields of a spec. */
export const selectorFields = () => ({
  command: field(
    text(),
    "",
    "A part of the command line of the processes: program and arguments with blanks between.",
  ),
  maxMatches: field(
    int32(),
    1,
    "How many processes may match. More of them are an error, and nothing is done to any.",
  ),
});

export interface ProcessSelector {
  readonly command: string;
  readonly maxMatches: number;
}

export function selectorProblems({ command, maxMatches }: ProcessSelector) {
  const problems = [];
  if (command.trim() === "") {
    const message = 'expected a part of a command line, such as "kafka.Kafka", found ""';
    problems.push({ path: "command", message });
  }
  if (maxMatches < 1) {
    problems.push({ path: "maxMatches", message: `expected 1 or more, found ${maxMatches}` });
  }
  return problems;
}

export async function matchingProcesses(
  { command, maxMatches }: ProcessSelector,
  { processTable }: FaultNode,
): Promise<RunningProcess[]> {
  const all = await processTable.list();
  const found = all.filter((one) => !one.isOurs && commandLine(one).includes(command));
  if (found.length <= maxMatches) return found;
  const which = found.map((one) => `${one.pid} (${commandLine(one).slice(0, 60)})`).join(", ");
  throw new TrogdorError(
    "task",
    `command: "${command}" matches ${found.length} processes, more than maxMatches ` +
      `(${maxMatches}): ${which}`,
  );
}

export function commandLine({ command }: RunningProcess): string {
  return command.join(" ");
}
