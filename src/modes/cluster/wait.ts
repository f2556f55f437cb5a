// `cluster wait`: waits for tasks of the cluster's coordinator; without ids for all that go on.

import { readWaitOptions, timeoutOption, waitForTasks } from "../client/waiting.ts";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withSession } from "./session.ts";

export const waitVerb: Command = {
  name: "wait",
  summary: "Wait for the end of tasks; fail when one of them failed.",
  operand: {
    name: "TASK",
    required: false,
    repeatable: true,
    description: "The ids of the tasks. Default: all that are not done.",
    completes: "nothing",
  },
  options: [timeoutOption, { name: "json", description: "Print the tasks as JSON." }],
  examples: [{ line: "trogdor cluster wait --cluster cluster.json", does: "wait for all" }],
  run: (line, host) =>
    withSession(line, host, (session) =>
      session.withCoordinator(async (client, target) => {
        const wait = readWaitOptions(line);
        const given = [...new Set(line.operands)];
        const ids = given.length > 0 ? given : await active(() => client.tasks());
        if (ids.length === 0) return exitCodes.success.code;
        return await waitForTasks(ids.sort(), { client, target, host, line, ...wait });
      }),
    ),
};

async function active(
  tasks: () => Promise<ReadonlyMap<string, { readonly state: string }>>,
): Promise<string[]> {
  return [...(await tasks())].filter(([, task]) => task.state !== "DONE").map(([id]) => id);
}
