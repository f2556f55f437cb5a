// `trogdor schema`: the JSON Schema of one task type or of all, for editors and other programs.

import { TrogdorError } from "../core/trogdor-error.ts";
import { findTaskType, unknownTaskType } from "../tasks/find-task-type.ts";
import { registryJsonSchema, taskJsonSchema } from "../tasks/task-json-schema.ts";
import type { Command } from "./command.ts";
import { summaryOf } from "./commands.ts";

export const schemaCommand: Command = {
  name: "schema",
  summary: summaryOf("schema"),
  operand: {
    name: "TYPE",
    required: false,
    repeatable: false,
    description: "A task type, by its short or its full Java name; without it, all of them.",
    completes: "taskTypes",
  },
  options: [],
  examples: [
    { line: "trogdor schema ProduceBench", does: "one task type" },
    { line: "trogdor schema > trogdor.schema.json", does: "all, for an editor" },
  ],
  loadMoreHelp: async () => (await import("./task-list.ts")).taskListText(),
  async run(line, host) {
    const schema = schemaOf(line.operands[0]);
    host.out.write(`${JSON.stringify(schema, null, 2)}\n`);
    return 0;
  },
};

function schemaOf(name: string | undefined): unknown {
  if (name === undefined) return registryJsonSchema();
  const type = findTaskType(name);
  if (type === undefined) throw new TrogdorError("usage", unknownTaskType(name));
  return taskJsonSchema(type);
}
