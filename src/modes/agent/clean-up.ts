// `trogdor agent --cleanup`: what the guard and systemd run when an agent has ended by anything but
// its own orderly stop. Needs no running agent and starts none.

import { TrogdorError } from "../../core/trogdor-error.ts";
import { lineLog } from "../../platform/log/line-log.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ModeHost } from "../mode-host.ts";
import { realFaultHost, undoWhatIsLeft } from "./fault-host.ts";

export async function cleanUp(stateDir: string, host: ModeHost): Promise<number> {
  const log = lineLog({
    format: host.err.isTerminal ? "text" : "json",
    level: "error",
    nowMs: () => Date.now(),
    writeLine: (line) => host.err.write(`${line}\n`),
  });
  const { undone, failures } = await undoWhatIsLeft(realFaultHost(stateDir), log);
  for (const taskId of undone) host.out.write(`undid the fault of task ${taskId}\n`);
  if (failures.length > 0) throw new TrogdorError("task", failures.join("\n"));
  return exitCodes.success.code;
}
