// Both implementations keep the same promises.

import { afterAll } from "bun:test";
import { silentLog } from "../log/log.ts";
import { realNativePrograms } from "../native-programs/real-native-programs.ts";
import { type Behaviour, describeProcesses } from "./processes.suite.ts";
import type { Processes } from "./processes.ts";
import { realProcesses } from "./real-processes.ts";
import { type SimulatedProgram, simulatedProcesses } from "./simulated-processes.ts";

const never = "while :; do sleep 1000; done";
const scripts: Readonly<Record<Behaviour, string>> = {
  echo: 'read -r line; echo "$line"; echo heard >&2',
  fail: "exit 3",
  wait: "echo ready; exec sleep 1000",
  obey: 'trap "exit 0" TERM; echo ready; while :; do sleep 1000 & wait $!; done',
  ignore: `trap "" TERM; echo ready; ${never}`,
  leave: "sleep 1000 & exit 0",
  missing: "",
};

const programs: Readonly<Record<Exclude<Behaviour, "missing">, SimulatedProgram>> = {
  async echo(io) {
    io.write(`${await io.readLine()}\n`);
    io.writeError("heard\n");
    io.exit(0);
  },
  fail: (io) => io.exit(3),
  wait: (io) => io.write("ready\n"),
  obey(io) {
    io.onTerminate(() => io.exit(0));
    io.write("ready\n");
  },
  ignore(io) {
    io.onTerminate(() => {});
    io.write("ready\n");
  },
  leave(io) {
    io.leaveBehind(1);
    io.exit(0);
  },
};

const opened: Processes[] = [];

function real(usesCgroups: boolean): () => { processes: Processes; command: typeof realCommand } {
  let processes: Processes | undefined;
  return () => {
    if (processes === undefined) {
      const nativePrograms = realNativePrograms();
      processes = realProcesses({ nativePrograms, log: silentLog, usesCgroups });
      opened.push(processes);
    }
    return { processes, command: realCommand };
  };
}

function realCommand(behaviour: Behaviour): readonly string[] {
  return behaviour === "missing" ? ["/no/such/program"] : ["sh", "-c", scripts[behaviour]];
}

describeProcesses("real processes", real(true));
describeProcesses("real processes without cgroups", real(false));

const simulated = simulatedProcesses(([name]) => programs[name as keyof typeof programs]);
describeProcesses("simulated processes", () => ({
  processes: simulated,
  command: (behaviour) => [behaviour],
}));

afterAll(async () => {
  for (const processes of opened) await processes.close();
});
