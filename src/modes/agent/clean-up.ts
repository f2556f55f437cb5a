// `trogdor agent --cleanup`: what the guard and systemd run when an agent has ended by anything but
// its own orderly stop. Needs no running agent and starts none.

import { TrogdorError } from "../../core/trogdor-error.ts";
import { lineLog } from "../../platform/log/line-log.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ModeHost } from "../mode-host.ts";
import { realFaultHost, undoWhatIsLeft } from "./fault-host.ts";

const why = "left alone: its owner lives, or has another network namespace";

export async function cleanUp(stateDir: string, host: ModeHost): Promise<number> {
  const log = lineLog({
    format: host.err.isTerminal ? "text" : "json",
    level: "error",
    nowMs: () => Date.now(),
    writeLine: (line) => host.err.write(`${line}\n`),
  });
  const { undone, leftAlone, failures } = await undoWhatIsLeft(realFaultHost(stateDir), log);
  for (const taskId of undone) host.out.write(`undid the fault of task ${taskId}\n`);
  for (const taskId of leftAlone) host.out.write(`the fault of task ${taskId} was ${why}\n`);
  if (undone.length + leftAlone.length + failures.length === 0) {
    host.out.write(`no fault is left in ${stateDir}\n`);
  }
  if (failures.length > 0) throw new TrogdorError("task", failures.join("\n"));
  return exitCodes.success.code;
}
