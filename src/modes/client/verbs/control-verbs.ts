// The verbs that change something and print one line: stop, destroy, stopAll, shutdown.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { CoordinatorClient } from "../../../rest/coordinator-client.ts";
import type { Command, CommandLine } from "../../command.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { ModeHost } from "../../mode-host.ts";
import { withCoordinator } from "../connection.ts";
import { taskIdOf, taskIdOperand, taskIdOption } from "../task-ids.ts";

export const stopVerb: Command = {
  name: "stop",
  aliases: ["stopTask"],
  summary: "Stop a task; it keeps its result.",
  operand: taskIdOperand,
  options: [taskIdOption],
  examples: [{ line: "trogdor client stop produce-1", does: "stop it" }],
  run: (line, host) => {
    const id = taskIdOf(line);
    return withCoordinator(line, host, async (client) => {
      await client.stopTask(id);
      return say(`Sent StopTaskRequest for task ${id}.`, { id }, line, host);
    });
  },
};

export const destroyVerb: Command = {
  name: "destroy",
  aliases: ["destroyTask"],
  summary: "Stop a task and forget it with its result.",
  operand: taskIdOperand,
  options: [taskIdOption],
  examples: [{ line: "trogdor client destroy produce-1", does: "forget it" }],
  run: (line, host) => {
    const id = taskIdOf(line);
    return withCoordinator(line, host, async (client) => {
      await client.destroyTask(id);
      return say(`Sent DestroyTaskRequest for task ${id}.`, { id }, line, host);
    });
  },
};

export const stopAllVerb: Command = {
  name: "stopAll",
  summary: "Stop every task that is not done.",
  options: [],
  examples: [{ line: "trogdor client stopAll", does: "end all faults and all load" }],
  run: (line, host) =>
    withCoordinator(line, host, async (client) => {
      const stopped = await stopAll(client);
      const tasks = stopped === 1 ? "1 task" : `${stopped} tasks`;
      return say(`Told ${tasks} to stop.`, { stopped }, line, host);
    }),
};

/** A Java coordinator stops one at a time. */
async function stopAll(client: CoordinatorClient): Promise<number> {
  try {
    return await client.stopAll();
  } catch (error) {
    if (!(error instanceof TrogdorError) || error.code !== "notFound") throw error;
  }
  const active = [...(await client.tasks())].filter(([, task]) => task.state !== "DONE");
  for (const [id] of active) await client.stopTask(id);
  return active.length;
}

export const shutdownVerb: Command = {
  name: "shutdown",
  summary: "End the coordinator; its tasks go on.",
  options: [{ name: "stop-agents", description: "End the agents as well, and so all tasks." }],
  examples: [{ line: "trogdor client shutdown", does: "end the coordinator on this machine" }],
  run: (line, host) =>
    withCoordinator(line, host, async (client) => {
      await client.shutdown(line.has("stop-agents"));
      return say("Sent ShutdownRequest.", {}, line, host);
    }),
};

function say(text: string, json: object, line: CommandLine, host: ModeHost): number {
  host.out.write(`${line.has("json") ? JSON.stringify(json) : text}\n`);
  return exitCodes.success.code;
}
