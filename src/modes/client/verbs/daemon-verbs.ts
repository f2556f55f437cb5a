// `uptime` and `status`: whether the coordinator runs, since when, and whether its agents' clocks
// can be trusted.

import { realClock } from "../../../platform/clock/real-clock.ts";
import type { CoordinatorClient } from "../../../rest/coordinator-client.ts";
import type { NodeState } from "../../../rest/coordinator-extras.ts";
import type { Command } from "../../command.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { ModeHost } from "../../mode-host.ts";
import { withCoordinator } from "../connection.ts";
import { statusText, uptimeText } from "../texts/daemon-texts.ts";
import { localZone } from "../texts/java-time.ts";

export const uptimeVerb: Command = {
  name: "uptime",
  summary: "Show since when the coordinator runs.",
  options: [],
  examples: [{ line: "trogdor client uptime -t host:8889", does: "ask the coordinator on host" }],
  run: (line, host) =>
    withCoordinator(line, host, async (client, target) => {
      const uptime = await client.uptime();
      const zone = localZone(realClock.nowMs());
      const text = line.has("json")
        ? `${JSON.stringify(uptime)}\n`
        : uptimeText("Coordinator", target, uptime, zone);
      host.out.write(text);
      return exitCodes.success.code;
    }),
};

export const statusVerb: Command = {
  name: "status",
  summary: "Show whether the coordinator runs; warn about clocks that differ.",
  options: [],
  examples: [{ line: "trogdor client status", does: "ask the coordinator on this machine" }],
  run: (line, host) =>
    withCoordinator(line, host, async (client, target) => {
      const { serverStartMs } = await client.status();
      const zone = localZone(realClock.nowMs());
      const text = line.has("json")
        ? `${JSON.stringify({ serverStartMs })}\n`
        : statusText("Coordinator", target, serverStartMs, zone);
      host.out.write(text);
      if (!line.has("java")) await warnOfClocks(client, host);
      return exitCodes.success.code;
    }),
};

/** An agent's clock may be off by so much before it is worth a warning. */
export const clockOffsetMaxMs = 500;

async function warnOfClocks(client: CoordinatorClient, host: ModeHost): Promise<void> {
  // A Java coordinator has no list of nodes, and status has been answered anyway.
  const nodes = await client.nodes().catch((): readonly NodeState[] => []);
  for (const { node, clockOffsetMs } of nodes) {
    if (clockOffsetMs === undefined || Math.abs(clockOffsetMs) <= clockOffsetMaxMs) continue;
    const size = `${Math.abs(Math.round(clockOffsetMs))} ms`;
    const [way, effect] = clockOffsetMs > 0 ? ["ahead of", "early"] : ["behind", "late"];
    host.err.write(
      `Warning: the clock of ${node} is ${size} ${way} the coordinator's; tasks there end ` +
        `${effect}\n`,
    );
  }
}
