// Shows progress on stderr: on a terminal one line that is redrawn four times a second, else a
// line every five seconds. Redraws are left out while the terminal is behind. Other lines (log,
// notices) go through here so that they do not tear the live line.

import type { Clock } from "../../platform/clock/clock.ts";
import type { Output } from "../mode-host.ts";
import { type ProgressMoment, progressLine } from "./progress-line.ts";

export const redrawEveryMs = 250;
export const lineEveryMs = 5000;

/** Off a terminal a line has room for everything. */
const plainWidth = 200;
const clearLine = "\r\u001b[2K";

export interface ProgressDisplay {
  /** Writes a whole line above the live one. */
  writeLine(text: string): void;
  /** Runs until the signal aborts. */
  run(moment: () => ProgressMoment, signal: AbortSignal): Promise<void>;
  /** Removes the live line. */
  clear(): void;
}

export function progressDisplay(output: Output, clock: Clock, isQuiet: boolean): ProgressDisplay {
  let shown = "";
  const show = (text: string) => {
    if (output.isBehind) return;
    output.write(`\r${text}\u001b[K`);
    shown = text;
  };
  const display: ProgressDisplay = {
    writeLine(text) {
      if (shown === "") output.write(`${text}\n`);
      else output.write(`${clearLine}${text}\n${shown}`);
    },
    async run(moment, signal) {
      if (isQuiet) return;
      const everyMs = output.isTerminal ? redrawEveryMs : lineEveryMs;
      for (;;) {
        await clock.sleep(everyMs, signal);
        if (signal.aborted) return;
        // One column stays free: a line that fills the width makes some terminals wrap.
        if (output.isTerminal) show(progressLine(moment(), output.columns - 1));
        else if (!output.isBehind) output.write(`${progressLine(moment(), plainWidth)}\n`);
      }
    },
    clear() {
      if (shown !== "") output.write(clearLine);
      shown = "";
    },
  };
  return display;
}
