// A report as people read it in a terminal or a mail.

import { elapsedText } from "../exec/quantities.ts";
import { resultText } from "../exec/result-text.ts";
import type { Report, ReportTask } from "./report.ts";

export function reportText(report: Report): string {
  const { counts } = report;
  const parts = [`${counts.passed} passed`, `${counts.failed} failed`];
  if (counts.unfinished > 0) parts.push(`${counts.unfinished} unfinished`);
  const when = new Date(report.startedMs).toISOString();
  const head = `${report.title}\n${parts.join(", ")}; began ${when}, took ${elapsedText(
    report.endedMs - report.startedMs,
  )}; Trogdor ${report.version}\n`;
  return `${head}${report.tasks.map(taskText).join("")}`;
}

function taskText(task: ReportTask): string {
  const took = task.startedMs < 0 ? "never ran" : elapsedText(task.endedMs - task.startedMs);
  const stopped = task.isStopped ? ", stopped" : "";
  const head = `\n${task.outcome.toUpperCase()}  ${task.id}  ${task.type}, ${took}${stopped}\n`;
  const error = task.error === "" ? "" : `  ${task.error.split("\n")[0]}\n`;
  const results = task.results.map(({ node, result }) => {
    const title = node === "" ? "" : `  ${node}\n`;
    return `${title}${resultText(result)}`;
  });
  return `${head}${error}${results.join("\n")}`;
}
