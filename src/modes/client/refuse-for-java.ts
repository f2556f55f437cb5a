// A Java coordinator refuses classes and fields that it does not know, and with them the whole
// request, in words about its own source. Ours come first and name what is in the way.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { CoordinatorClient } from "../../rest/coordinator-client.ts";
import { referenceTaskSpec } from "../../tasks/parse-task-spec.ts";
import type { NewTask } from "./new-tasks.ts";

/** Throws when the coordinator is a Java one and one of the tasks needs ours. */
export async function refuseForJava(
  tasks: readonly NewTask[],
  client: CoordinatorClient,
  target: string,
): Promise<void> {
  const problems = tasks.map(problemForJava).filter((problem) => problem !== "");
  if (problems.length === 0 || (await isOurs(client))) return;
  throw new TrogdorError(
    "task",
    `the coordinator at ${target} is a Java one and lacks ${problems.join(", and ")}; leave that ` +
      "out, or use a coordinator of this Trogdor",
  );
}

function problemForJava({ type, spec }: NewTask): string {
  if (!type.className.startsWith("org.apache.kafka.trogdor.")) return `the class ${type.className}`;
  const names: string[] = [];
  referenceTaskSpec(type, spec, names);
  if (names.length === 0) return "";
  const fields = names.length === 1 ? "field" : "fields";
  return `the ${fields} ${names.join(", ")} of ${type.shortName}`;
}

/** Only ours tell of their nodes. */
async function isOurs(client: CoordinatorClient): Promise<boolean> {
  try {
    await client.nodes();
    return true;
  } catch (error) {
    if (error instanceof TrogdorError && error.code === "notFound") return false;
    throw error;
  }
}
