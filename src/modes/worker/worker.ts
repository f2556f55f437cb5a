// `trogdor worker`: what an agent starts for each workload. Not for people, so it is in no help.

import { runChild } from "../../daemons/agent/worker-process/run-child.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import { realNativePrograms } from "../../platform/native-programs/real-native-programs.ts";
import { realProcesses } from "../../platform/processes/real-processes.ts";
import type { Command } from "../command.ts";
import { inputLines } from "./input-lines.ts";

export const workerCommand: Command = {
  name: "worker",
  summary: "Run the worker that an agent orders; agents start it.",
  options: [],
  examples: [],
  async run(_line, host) {
    const processes = realProcesses({ nativePrograms: realNativePrograms(), log: silentLog });
    try {
      return await runChild({
        lines: inputLines(Bun.stdin.stream()),
        write: (text) => host.out.write(text),
        isBehind: () => host.out.isBehind,
        onTerminate: (listener) => host.onStopSignal(() => listener()),
        clock: realClock,
        processes,
      });
    } finally {
      await processes.close();
    }
  },
};
