// Turns an error into what people read: one sentence and the list of problems; the stack only with
// TROGDOR_DEBUG=1. A defect of this program is named as one, with the place to report it.

import { errorText, type Problem, TrogdorError } from "../core/trogdor-error.ts";
import { commands } from "./commands.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { coloured, type ModeHost } from "./mode-host.ts";

export function reportError(
  error: unknown,
  commandName: string | undefined,
  host: ModeHost,
): number {
  if (error instanceof TrogdorError) {
    host.err.write(`${prefix(host)} ${error.message}\n${problemLines(error.problems)}`);
    if (error.code === "usage") {
      const known = commands.some((entry) => entry.name === commandName);
      host.err.write(`Try: trogdor ${known ? `${commandName} ` : ""}--help\n`);
    }
    writeStack(error, host);
    return exitCodeOf(error);
  }
  host.err.write(`${prefix(host)} ${defectText(error)}\n`);
  writeStack(error, host);
  return exitCodes.failed.code;
}

/** One line for each problem, indented. */
export function problemLines(problems: readonly Problem[]): string {
  return problems
    .map(({ path, message }) => `  ${path === "" ? "" : `${path}: `}${message}\n`)
    .join("");
}

function prefix(host: ModeHost): string {
  return coloured("trogdor:", "red", host.err, host.env);
}

function defectText(error: unknown): string {
  return (
    `this is a defect in Trogdor (${errorText(error)}). Please run it again with ` +
    "TROGDOR_DEBUG=1 and report what it prints to the maintainers (see CONTRIBUTING.md)."
  );
}

function writeStack(error: unknown, host: ModeHost): void {
  if (host.env["TROGDOR_DEBUG"] !== "1" || !(error instanceof Error)) return;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    host.err.write(`${at === error ? "" : "caused by: "}${at.stack ?? at.message}\n`);
  }
}
