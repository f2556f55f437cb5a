// `create`, in Java `createTask`: reads specs here, so that what is wrong with them is said before
// anything is sent, then hands them to the coordinator in their canonical form.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { CoordinatorClient } from "../../../rest/coordinator-client.ts";
import type { Command, CommandLine } from "../../command.ts";
import { setOption } from "../../exec/exec-options.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { ModeHost } from "../../mode-host.ts";
import { withCoordinator } from "../connection.ts";
import { type NewTask, newTasks } from "../new-tasks.ts";
import { refuseForJava } from "../refuse-for-java.ts";
import { readWaitOptions, timeoutOption, waitForTasks } from "../waiting.ts";

export const createVerb: Command = {
  name: "create",
  aliases: ["createTask"],
  summary: "Create a task from a spec, or several.",
  operand: {
    name: "SPEC",
    required: false,
    repeatable: true,
    description: "Files, JSON (anything that begins with {), or - for standard input.",
    completes: "files",
  },
  options: [
    {
      name: "id",
      short: "i",
      value: "ID",
      description: "The new task's id. Default: one made of the type's name. For one SPEC only.",
    },
    {
      name: "spec",
      short: "s",
      value: "SPEC",
      description: "The spec, in place of the argument.",
      completes: "files",
    },
    setOption,
    {
      name: "check",
      description: "Report every problem of the specs before anything is created.",
    },
    { name: "wait", description: "Wait for the end of the tasks, as `wait` does." },
    timeoutOption,
  ],
  examples: [
    { line: "trogdor client create spec.json", does: "create it under a new id" },
    {
      line: "trogdor client create spec.json --id load-1 --check --wait",
      does: "check it, create it and wait for its end",
    },
  ],
  async run(line, host) {
    const wait = readWaitOptions(line);
    const tasks = await newTasks(line, host);
    return await withCoordinator(line, host, async (client, target) => {
      await refuseForJava(tasks, client, target);
      for (const task of tasks) {
        if (!(await create(task, client, line, host))) return exitCodes.failed.code;
      }
      const ids = tasks.map(({ id }) => id);
      return line.has("wait")
        ? await waitForTasks(ids, { client, target, host, line, ...wait })
        : exitCodes.success.code;
    });
  },
};

async function create(
  { id, text }: NewTask,
  client: CoordinatorClient,
  line: CommandLine,
  host: ModeHost,
): Promise<boolean> {
  try {
    await client.createTask(id, text);
  } catch (error) {
    if (!(error instanceof TrogdorError) || error.code !== "conflict") throw error;
    if (!line.has("java")) throw new TrogdorError("task", conflictText(id, error.message));
    host.out.write(
      `CreateTaskRequest for task ${id} got a 409 status code - a task with the same ID but a ` +
        `different specification already exists.\nException: ${error.message}\n`,
    );
    return false;
  }
  if (!line.has("json")) host.out.write(`Sent CreateTaskRequest for task ${id}.\n`);
  else if (!line.has("wait")) host.out.write(`${JSON.stringify({ id })}\n`);
  return true;
}

function conflictText(id: string, message: string): string {
  return `${message}; give the new task another id than ${id}, or destroy the old one first`;
}
