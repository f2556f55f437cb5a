// A report as one HTML page that needs nothing beside it: style, plot library and data are inside,
// and it may load nothing from anywhere.

import plotLibrary from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import plotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import type { ResultFigure, ResultTable, TaskResult } from "../../tasks/task-result.ts";
import { bytesText, countText, elapsedText, microsText } from "../exec/quantities.ts";
import { jsonNumber, xmlText } from "./junit-xml.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import type { NodeResult, Report, ReportTask } from "./report.ts";

export function htmlPage(report: Report): string {
  const { counts } = report;
  const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
  const chips = (["passed", "failed", "unfinished"] as const)
    .map((outcome) => countChip(outcome, counts[outcome]))
    .join("");
  const data = report.tasks.map(({ samples, latencies }) => ({ samples, latencies }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${xmlText(report.title)}</title>
<style>${plotStyle}${pageStyle}</style>
</head>
<body>
<header>
<h1>${xmlText(report.title)}</h1>
<p>${new Date(report.startedMs).toISOString()}, took ${elapsedText(
    report.endedMs - report.startedMs,
  )}, Trogdor ${xmlText(report.version)}</p>
<p class="counts">${chips}</p>
</header>
<main>
${report.tasks.length > 1 ? overview(report.tasks) : ""}
${report.tasks.map(taskSection).join("\n")}
</main>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${plotLibrary.replaceAll("</script", "<\\/script")}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

function countChip(outcome: string, count: number): string {
  return count === 0 ? "" : `<span class="${outcome}">${count} ${outcome}</span>`;
}

/** JSON inside of HTML: nothing in it may end the element. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value, jsonNumber).replaceAll("<", "\\u003c");
}

function overview(tasks: readonly ReportTask[]): string {
  const rows = tasks.map(
    (task, index) => `<tr><td><a href="#task-${index}">${xmlText(task.id)}</a></td>
<td>${xmlText(task.type)}</td><td class="${task.outcome}">${task.outcome}</td>
<td class="number">${durationText(task)}</td><td>${xmlText(task.error.split("\n")[0]!)}</td></tr>`,
  );
  return `<table class="overview"><thead><tr><th>task</th><th>type</th><th>outcome</th>
<th>took</th><th>error</th></tr></thead><tbody>${rows.join("\n")}</tbody></table>`;
}

function durationText(task: ReportTask): string {
  return task.startedMs < 0 ? "never ran" : elapsedText(task.endedMs - task.startedMs);
}

function taskSection(task: ReportTask, index: number): string {
  const stopped = task.isStopped ? ", stopped" : "";
  const error = task.error === "" ? "" : `<pre class="error">${xmlText(task.error)}</pre>`;
  return `<section id="task-${index}">
<h2>${xmlText(task.id)} <span class="${task.outcome}">${task.outcome}</span></h2>
<p>${xmlText(task.type)}, ${durationText(task)}${stopped}</p>
${error}
<div class="plots" data-task="${index}"></div>
${task.results.map(resultHtml).join("\n")}
<details><summary>Spec</summary><pre>${json(task.spec)}</pre></details>
<details><summary>Status</summary><pre>${json(task.status)}</pre></details>
</section>`;
}

function json(value: unknown): string {
  return xmlText(JSON.stringify(value, jsonNumber, 2) ?? "");
}

function resultHtml({ node, result }: NodeResult): string {
  const title = node === "" ? "" : `<h3>${xmlText(node)}</h3>`;
  return `<div class="result">${title}${figuresHtml(result)}${result.tables
    .map(tableHtml)
    .join("")}${listsHtml(result)}</div>`;
}

function figuresHtml({ figures }: TaskResult): string {
  const rows = figures.map(
    (figure) =>
      `<tr><th>${xmlText(figure.label)}</th><td class="number">${valueText(figure)}</td>
<td>${xmlText(figure.remark ?? "")}</td></tr>`,
  );
  return rows.length === 0 ? "" : `<table class="figures">${rows.join("\n")}</table>`;
}

function valueText({ value, unit, of: wanted }: ResultFigure): string {
  const text = quantity(value, unit);
  return xmlText(wanted === undefined ? text : `${text} of ${quantity(wanted, unit)}`);
}

function quantity(value: number, unit: ResultFigure["unit"]): string {
  if (unit === "us") return microsText(value);
  if (unit === "bytes") return bytesText(value);
  return unit === "bytes/s" ? `${bytesText(value)}/s` : `${countText(value)} ${unit}`;
}

function tableHtml({ title, columns, rows, unit }: ResultTable): string {
  const head = [title, ...columns].map((each) => `<th>${xmlText(each)}</th>`).join("");
  const body = rows.map(({ label, values }) => {
    const cells = values.map(
      (value) =>
        `<td class="number">${value === undefined ? "" : xmlText(quantity(value, unit))}</td>`,
    );
    return `<tr><th>${xmlText(label)}</th>${cells.join("")}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
}

function listsHtml({ lists, notes }: TaskResult): string {
  const shown = lists.filter(({ lines }) => lines.length > 0);
  const blocks = shown.map(({ title, lines }) => {
    const items = lines.map((line) => `<li>${xmlText(line)}</li>`).join("");
    return `<h4>${xmlText(title)}</h4><ul>${items}</ul>`;
  });
  return blocks.join("") + notes.map((note) => `<p class="note">${xmlText(note)}</p>`).join("");
}
