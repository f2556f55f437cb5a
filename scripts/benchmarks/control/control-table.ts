// The figures of the control plane as a table: medians, spread, and the ratio to Java's.

import { ratioText, spreadOf, spreadText } from "../statistics.ts";
import type { ControlContestant } from "./control-daemon.ts";

export interface ControlRound {
  readonly contestant: ControlContestant;
  /** By name of the figure. */
  readonly figures: Readonly<Record<string, number>>;
}

export function controlTable(rounds: readonly ControlRound[]): string {
  const names = [...new Set(rounds.flatMap((round) => Object.keys(round.figures)))];
  const rows = names.map((name) => {
    const [ours, java] = (["trogdor", "java-trogdor"] as const).map((contestant) =>
      spreadOf(
        rounds
          .filter((round) => round.contestant === contestant)
          .map((round) => round.figures[name])
          .filter((value) => value !== undefined),
      ),
    );
    return [name, spreadText(ours), spreadText(java), ratioText(ours, java)];
  });
  const lines = [["", "this Trogdor", "Java Trogdor 4.1", "ratio"], ...rows];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((line) => line[at]!.length)));
  const texts = lines.map(
    (line) => `| ${line.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`,
  );
  texts.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return texts.join("\n");
}
