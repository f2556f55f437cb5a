// The task types for help texts. Loaded only by commands that know the registry anyway.

import { taskTypes } from "../tasks/registry.ts";
import { columns } from "./help.ts";

export function taskListText(): string {
  const rows = taskTypes.map((type) => [type.shortName, type.summary]);
  return `Task types ("class" takes these names or the full Java names):\n${columns(rows)}\n`;
}
