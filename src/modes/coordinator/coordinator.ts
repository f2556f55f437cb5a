// `trogdor coordinator`: the daemon that accepts tasks, gives them to the agents and keeps track.

import { realClock } from "../../platform/clock/real-clock.ts";
import type { Command } from "../command.ts";
import { summaryOf } from "../commands.ts";
import { announced } from "../daemon/announced-daemon.ts";
import { readDaemonOptions } from "../daemon/daemon-options.ts";
import { findPlace } from "../daemon/daemon-place.ts";
import { runDaemon } from "../daemon/run-daemon.ts";
import { coordinatorOptions, readRetention } from "./coordinator-options.ts";
import { startCoordinatorDaemon } from "./start-coordinator-daemon.ts";

export const coordinatorCommand: Command = {
  name: "coordinator",
  summary: summaryOf("coordinator"),
  details: [
    "A task that it has accepted is on disk: it survives a crash of this daemon, and of its " +
      "machine.",
  ],
  options: coordinatorOptions,
  examples: [
    {
      line: "trogdor coordinator -c trogdor.conf -n node0",
      does: "serve programs on this machine",
    },
    {
      line: "trogdor coordinator -c trogdor.conf -n node0 --token-file token",
      does: "serve everyone who has the token",
    },
  ],
  async run(line, host) {
    const options = readDaemonOptions(line);
    const retention = readRetention(line);
    const place = await findPlace("coordinator", options, host);
    try {
      const start = async () => {
        const daemon = await startCoordinatorDaemon(place, retention, realClock);
        return await announced("coordinator", daemon, options, host, realClock);
      };
      return await runDaemon(start, place.log, host);
    } finally {
      place.closeLog();
    }
  },
};
