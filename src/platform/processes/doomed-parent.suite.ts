// A small program that stands for an agent in agent-death.test.ts: starts a worker of each bad kind
// and then waits to be killed. Arguments: whether to use cgroups, and the guard's clean-up command.

import { silentLog } from "../log/log.ts";
import { realNativePrograms } from "../native-programs/real-native-programs.ts";
import { realProcesses } from "./real-processes.ts";

const workers = [
  "sleep 1000 & exec sleep 1000",
  "trap '' TERM HUP INT; while :; do sleep 1000; done",
  "while :; do :; done",
  "setsid sleep 1000 </dev/null >/dev/null 2>&1 & exec sleep 1000",
  "(setsid sh -c 'setsid sleep 1000 & exec sleep 1000' &) ; exec sleep 1000",
  "exec yes",
];

const [usesCgroups, ...cleanUpCommand] = process.argv.slice(2);
const processes = realProcesses({
  nativePrograms: realNativePrograms(),
  log: { ...silentLog, warn: (event) => process.stdout.write(`${event}\n`) },
  usesCgroups: usesCgroups === "cgroups",
  cleanUpCommand,
});
for (const script of workers) processes.start({ command: ["sh", "-c", script] });
process.stdin.on("data", () => {
  void processes.close().then(() => process.exit(0));
});
