// A daemon that appears as the Java one for as long as it runs.

import type { Clock } from "../../platform/clock/clock.ts";
import type { ModeHost } from "../mode-host.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import type { RunningDaemon } from "./run-daemon.ts";
import type { DaemonRole } from "./state-dir.ts";

/** Nothing is announced without --java. */
export async function announced(
  role: DaemonRole,
  daemon: RunningDaemon,
  options: DaemonOptions,
  host: ModeHost,
  clock: Clock,
): Promise<RunningDaemon> {
  if (!options.asJava) return daemon;
  const { announceAsJava } = await import("../java-cli/announce-as-java.ts");
  const { configPath, node } = options;
  const args = [`--${role}.config`, configPath, "--node-name", node];
  const announcement = announceAsJava(role, { host, clock, args, configPath });
  const ended = daemon.ended.finally(() => {
    announcement.stopping();
    announcement.end();
  });
  return {
    ended,
    stop() {
      announcement.stopping();
      return daemon.stop();
    },
  };
}
