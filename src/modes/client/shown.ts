// Whether a verb writes for a program or for a person at a terminal.

import type { CommandLine } from "../command.ts";
import { coloured, type ModeHost } from "../mode-host.ts";
import type { TerminalStyle } from "./texts/task-texts.ts";

/** A style for people; undefined where the reference's text belongs: in a pipe, and in --java. */
export function terminalStyle(line: CommandLine, host: ModeHost): TerminalStyle | undefined {
  if (!host.out.isTerminal || line.has("java")) return undefined;
  return {
    width: host.out.columns,
    paint: (text, colour) => coloured(text, colour, host.out, host.env),
  };
}
