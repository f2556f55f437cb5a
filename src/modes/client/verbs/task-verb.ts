// `task`, in Java `showTask`: one task, with its spec and its status if they are asked for.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { realClock } from "../../../platform/clock/real-clock.ts";
import { taskTexts } from "../../../rest/state-text.ts";
import type { Command } from "../../command.ts";
import { exitCodes } from "../../exit-codes.ts";
import { withCoordinator } from "../connection.ts";
import { terminalStyle } from "../shown.ts";
import { taskIdOf, taskIdOperand, taskIdOption } from "../task-ids.ts";
import { localZone } from "../texts/java-time.ts";
import { paintedTaskText, taskText } from "../texts/task-texts.ts";
import { taskView } from "../texts/task-view.ts";

export const taskVerb: Command = {
  name: "task",
  aliases: ["showTask"],
  summary: "Show one task.",
  operand: taskIdOperand,
  options: [
    taskIdOption,
    { name: "verbose", short: "v", description: "Show the spec and the status as well." },
    { name: "show-status", short: "S", description: "Show the status as well." },
  ],
  examples: [
    { line: "trogdor client task produce-1 -v", does: "all there is to know" },
    {
      line: "trogdor client task produce-1 --json | jq .status",
      does: "the status, for a program",
    },
  ],
  run: (line, host) => {
    const id = taskIdOf(line);
    return withCoordinator(line, host, async (client) => {
      const task = await client.task(id).catch((error: unknown) => {
        if (error instanceof TrogdorError && error.code === "notFound") return undefined;
        throw error;
      });
      if (task === undefined) {
        host.out.write(`Task ${id} was not found.\n`);
        return exitCodes.failed.code;
      }
      if (line.has("json")) {
        host.out.write(`${taskTexts({ specText: (spec) => spec.text })(task)}\n`);
        return exitCodes.success.code;
      }
      const showSpec = line.has("verbose");
      const options = { showSpec, showStatus: showSpec || line.has("show-status") };
      const style = terminalStyle(line, host);
      const [view, zone] = [taskView(id, task), localZone(realClock.nowMs())];
      host.out.write(
        style === undefined
          ? taskText(view, zone, options)
          : paintedTaskText(view, zone, options, style),
      );
      return exitCodes.success.code;
    });
  },
};
