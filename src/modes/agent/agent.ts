// `trogdor agent`: the daemon on each node that runs the node's share of tasks.

import { realClock } from "../../platform/clock/real-clock.ts";
import type { Command, CommandLine } from "../command.ts";
import { summaryOf } from "../commands.ts";
import { announced } from "../daemon/announced-daemon.ts";
import { readDaemonOptions } from "../daemon/daemon-options.ts";
import { findPlace } from "../daemon/daemon-place.ts";
import { runDaemon } from "../daemon/run-daemon.ts";
import type { ModeHost } from "../mode-host.ts";
import { agentOptions, readDeadManMs } from "./agent-options.ts";

export const agentCommand: Command = {
  name: "agent",
  summary: summaryOf("agent"),
  details: [
    "A worker ends with its task, with this daemon, and when this daemon is killed; a fault is " +
      "put back in each of these cases.",
  ],
  options: agentOptions,
  examples: [
    { line: "trogdor agent -c trogdor.conf -n node0", does: "serve a coordinator on this machine" },
    {
      line: "trogdor agent --cleanup --state-dir /var/lib/trogdor/agent-node0",
      does: "put back what a dead agent left changed; no configuration is needed",
    },
    {
      line: "trogdor agent -c trogdor.conf -n node0 --token-file token",
      does: "serve everyone who has the token",
    },
  ],
  async run(line, host) {
    if (line.has("exec")) return await runOnce(line, host);
    const stateDir = line.value("state-dir");
    if (line.has("cleanup") && stateDir !== undefined) {
      const { cleanUp } = await import("./clean-up.ts");
      return await cleanUp(stateDir, host);
    }
    const options = readDaemonOptions(line);
    const deadManMs = readDeadManMs(line);
    const place = await findPlace("agent", options, host);
    try {
      if (line.has("cleanup")) {
        const { cleanUp } = await import("./clean-up.ts");
        return await cleanUp(place.stateDir, host);
      }
      const start = async () => {
        const { startAgentDaemon } = await import("./start-agent-daemon.ts");
        const allowsClock = line.has("allow-clock");
        const settings = { deadManMs, configPath: options.configPath, allowsClock };
        const daemon = await startAgentDaemon(place, settings, realClock);
        return await announced("agent", daemon, options, host, realClock);
      };
      return await runDaemon(start, place.log, host);
    } finally {
      place.closeLog();
    }
  },
};

/** `--exec SPEC`, as the reference has it: the same as `trogdor exec SPEC` with -c and -n. */
async function runOnce(line: CommandLine, host: ModeHost): Promise<number> {
  const { execCommand } = await import("../exec/exec.ts");
  const known = new Set(["config", "node"]);
  return await execCommand.run(
    {
      operands: [line.value("exec") ?? ""],
      has: (name) => known.has(name) && line.has(name),
      value: (name) => (known.has(name) ? line.value(name) : undefined),
      values: (name) => (known.has(name) ? line.values(name) : []),
    },
    host,
  );
}
