// Where a verb takes the ids of tasks from: its arguments, or Java's --id.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { CommandLine, OperandDefinition, OptionDefinition } from "../command.ts";

export const taskIdOption: OptionDefinition = {
  name: "id",
  short: "i",
  value: "ID",
  description: "The task, in place of the argument.",
};

export const taskIdOperand: OperandDefinition = {
  name: "TASK",
  required: false,
  repeatable: false,
  description: "The task's id.",
  completes: "nothing",
};

/** The one id that was given, in either way. */
export function taskIdOf(line: CommandLine): string {
  const given = [...line.operands, ...line.values("id")];
  if (given.length === 1) return given[0]!;
  throw new TrogdorError(
    "usage",
    given.length === 0 ? "Missing argument TASK: the task's id" : "Give the id of one task only",
  );
}
