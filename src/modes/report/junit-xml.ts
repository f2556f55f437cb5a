// A report as JUnit XML, which CI servers show: one suite, one case for each task.

import type { Report, ReportTask } from "./report.ts";

export function junitXml(report: Report): string {
  const { counts, tasks, title } = report;
  const attributes = [
    `name="${xmlText(title)}"`,
    `tests="${counts.tasks}"`,
    `failures="${counts.failed}"`,
    `errors="${counts.unfinished}"`,
    'skipped="0"',
    `time="${seconds(report.startedMs, report.endedMs)}"`,
    `timestamp="${new Date(report.startedMs).toISOString().replace(/Z$/, "")}"`,
  ].join(" ");
  const cases = tasks.map((task) => testCase(task));
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite ${attributes}>
${cases.join("")}  </testsuite>
</testsuites>
`;
}

function testCase(task: ReportTask): string {
  const time = seconds(task.startedMs, task.endedMs);
  const head = `classname="${xmlText(task.type)}" name="${xmlText(task.id)}" time="${time}"`;
  const status = xmlText(JSON.stringify(task.status, jsonNumber, 1) ?? "");
  return `    <testcase ${head}>
${outcome(task)}      <system-out>${status}</system-out>
    </testcase>
`;
}

function outcome({ outcome: how, error }: ReportTask): string {
  if (how === "passed") return "";
  if (how === "unfinished") {
    return '      <error message="it had not ended when this was written"></error>\n';
  }
  const [first = "", ...rest] = error.split("\n");
  return `      <failure message="${xmlText(first)}">${xmlText(rest.join("\n"))}</failure>\n`;
}

function seconds(fromMs: number, untilMs: number): string {
  return fromMs < 0 ? "0.000" : (Math.max(0, untilMs - fromMs) / 1000).toFixed(3);
}

/** Characters that XML does not know at all become question marks. */
export function xmlText(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return [...text.toWellFormed()]
    .map((letter) => {
      const code = letter.codePointAt(0)!;
      const isControl = code < 32 && code !== 9 && code !== 10 && code !== 13;
      if (isControl || code === 0xfffe || code === 0xffff) return "?";
      return entities[letter] ?? letter;
    })
    .join("");
}

export function jsonNumber(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
