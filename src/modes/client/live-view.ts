// Lines that change in place on a terminal; off one, all of them again every five seconds.

import type { Clock } from "../../platform/clock/clock.ts";
import { lineEveryMs } from "../exec/progress-display.ts";
import type { Output } from "../mode-host.ts";
import { cutTo, oneLine } from "./texts/grid.ts";

export interface LiveView {
  /** The lines are made only when they are shown. */
  show(lines: () => readonly string[]): void;
  /** Removes the live lines; whole lines can follow. */
  clear(): void;
  writeLine(text: string): void;
}

/** A terminal is never filled to its last line, which would make it scroll. */
const liveLinesMax = 20;

export function liveView(output: Output, clock: Pick<Clock, "nowUs">): LiveView {
  let shownCount = 0;
  let writtenUs: number | undefined;
  const clear = () => {
    // Up to the first live line, then everything below is cleared.
    if (shownCount > 0) output.write(`\r\u001b[${shownCount}A\u001b[J`);
    shownCount = 0;
  };
  return {
    show(lines) {
      if (output.isBehind) return;
      if (output.isTerminal) {
        const all = lines();
        clear();
        const shown = all.slice(0, liveLinesMax);
        if (all.length > shown.length) shown.push(`... and ${all.length - shown.length} more`);
        const width = output.columns - 1;
        output.write(shown.map((line) => `${cutTo(oneLine(line), width)}\n`).join(""));
        shownCount = shown.length;
        return;
      }
      const nowUs = clock.nowUs();
      if (writtenUs !== undefined && nowUs - writtenUs < lineEveryMs * 1000) return;
      writtenUs = nowUs;
      output.write(
        lines()
          .map((line) => `${oneLine(line)}\n`)
          .join(""),
      );
    },
    clear,
    writeLine: (text) => output.write(`${text}\n`),
  };
}
