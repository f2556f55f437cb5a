// `trogdor validate`: reports every problem of every spec and runs nothing.

import { type Problem, TrogdorError } from "../core/trogdor-error.ts";
import type { Command } from "./command.ts";
import { summaryOf } from "./commands.ts";
import { setOption } from "./exec/exec-options.ts";
import { exitCodes } from "./exit-codes.ts";
import { loadTask } from "./load-task.ts";
import type { ModeHost } from "./mode-host.ts";
import { problemLines } from "./report-error.ts";

interface SpecReport {
  readonly spec: string;
  readonly valid: boolean;
  /** The full Java name, when the spec is valid. */
  readonly class?: string;
  readonly problems: readonly Problem[];
  /** For people; not in the JSON. */
  readonly headline: string;
}

export const validateCommand: Command = {
  name: "validate",
  summary: summaryOf("validate"),
  operand: {
    name: "SPEC",
    required: true,
    repeatable: true,
    description: "Files, JSON (anything that begins with {), or - for standard input.",
    completes: "files",
  },
  options: [
    { name: "json", description: "Print the reports on stdout as a JSON array." },
    setOption,
  ],
  examples: [
    { line: "trogdor validate specs/*.json", does: "check a folder of specs" },
    { line: "trogdor validate spec.json --json", does: "the same for a program" },
  ],
  async run(line, host) {
    const reports: SpecReport[] = [];
    for (const argument of line.operands) {
      reports.push(await reportOn(argument, line.values("set"), host));
    }
    if (line.has("json")) {
      const shown = reports.map(({ headline: _, ...report }) => report);
      host.out.write(`${JSON.stringify(shown, null, 2)}\n`);
    } else {
      for (const report of reports) writeReport(report, host);
    }
    return reports.every((report) => report.valid) ? exitCodes.success.code : exitCodes.usage.code;
  },
};

async function reportOn(
  argument: string,
  overrides: readonly string[],
  host: ModeHost,
): Promise<SpecReport> {
  const spec = /^\s*\{/.test(argument) ? "the SPEC argument" : argument;
  try {
    const { type } = await loadTask(argument, overrides, host);
    const headline = `${spec}: a valid ${type.shortName} spec`;
    return { spec, valid: true, class: type.className, problems: [], headline };
  } catch (error) {
    if (!(error instanceof TrogdorError) || error.code === "usage") throw error;
    const problems =
      error.problems.length > 0 ? error.problems : [{ path: "", message: error.message }];
    return { spec, valid: false, problems, headline: error.message };
  }
}

function writeReport({ valid, headline, problems }: SpecReport, host: ModeHost): void {
  if (valid) {
    host.out.write(`${headline}\n`);
    return;
  }
  const lines = problems.filter(({ message }) => message !== headline);
  host.err.write(`${headline}\n${problemLines(lines)}`);
}
