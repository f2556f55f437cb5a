// `report`: what came of tasks, as files that people keep: HTML with plots, JUnit XML, JSON, text.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { realClock } from "../../../platform/clock/real-clock.ts";
import { version } from "../../../version.ts";
import type { Command } from "../../command.ts";
import { exitCodes } from "../../exit-codes.ts";
import { withCoordinator } from "../connection.ts";

export const reportVerb: Command = {
  name: "report",
  summary: "Write what came of tasks as HTML with plots, JUnit XML, JSON and text.",
  details: [
    "Rates over time are in the reports of `trogdor exec --report` and `trogdor cluster run`, " +
      "which watch the tasks; the coordinator keeps the latest status of a task only.",
  ],
  operand: {
    name: "TASK",
    required: false,
    repeatable: true,
    description: "The ids of the tasks. Default: all.",
    completes: "nothing",
  },
  options: [
    {
      name: "output",
      short: "o",
      value: "DIR",
      description: "The folder; made when it is missing. Default trogdor-report.",
      completes: "files",
    },
    { name: "title", value: "TEXT", description: "The report's title." },
  ],
  examples: [{ line: "trogdor client report load-1 load-2 -o results", does: "report two tasks" }],
  run: (line, host) =>
    withCoordinator(line, host, async (client, target) => {
      const ids = [...new Set(line.operands)];
      const isAll = ids.length === 0;
      const tasks = await (isAll ? client.wholeTasks() : client.tasks({ taskIds: new Set(ids) }));
      const unknown = ids.filter((id) => !tasks.has(id));
      if (unknown.length > 0) {
        throw new TrogdorError("task", `the coordinator has no task ${unknown.join(", ")}`);
      }
      const [{ endedTask, reportTask }, { makeReport }, { writeReport }] = await Promise.all([
        import("../../report/report-task.ts"),
        import("../../report/report.ts"),
        import("../../report/write-report.ts"),
      ]);
      const nowMs = realClock.nowMs();
      const reported = [...tasks].map(([id, task]) => reportTask(endedTask(id, task, [], nowMs)));
      const title = line.value("title") ?? `Tasks of ${target}`;
      const report = makeReport(title, version, reported, nowMs);
      const folder = line.value("output") ?? "trogdor-report";
      writeReport(folder, report);
      host.out.write(
        line.has("json")
          ? `${JSON.stringify({ folder, counts: report.counts })}\n`
          : `${folder}/report.html\n`,
      );
      return exitCodes.success.code;
    }),
};
