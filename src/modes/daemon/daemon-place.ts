// All that agent and coordinator need before they can start: what their files and options say.
// Every error in it is found before a folder is made or a port is taken.

import type { Topology } from "../../core/topology.ts";
import type { Log } from "../../platform/log/log.ts";
import type { RecentLines } from "../../platform/log/recent-lines.ts";
import { type Listening, resolveListening } from "../../rest/listening.ts";
import type { ModeHost } from "../mode-host.ts";
import { readTopology } from "../read-topology.ts";
import { openDaemonLog } from "./daemon-log.ts";
import { findNode, portOf } from "./daemon-node.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { type DaemonRole, resolveStateDir } from "./state-dir.ts";

export interface DaemonPlace {
  readonly node: string;
  readonly topology: Topology;
  readonly port: number;
  readonly stateDir: string;
  readonly listening: Listening;
  readonly log: Log;
  readonly recent: RecentLines;
  closeLog(): void;
}

export async function findPlace(
  role: DaemonRole,
  options: DaemonOptions,
  host: ModeHost,
): Promise<DaemonPlace> {
  const topology = await readTopology(options.configPath);
  const node = findNode(topology, options.node);
  const stateDir = resolveStateDir({
    role,
    node: options.node,
    given: options.stateDir,
    isRoot: process.getuid?.() === 0,
    env: host.env,
  });
  const listening = await resolveListening({
    listen: options.listen,
    insecure: options.isInsecure,
    tokenFile: options.tokenFile,
    token: host.env["TROGDOR_TOKEN"],
    tlsCert: options.tlsCert,
    tlsKey: options.tlsKey,
    tlsCa: options.tlsCa,
    hostNames: [node.hostname],
  });
  const { log, recent, close } = openDaemonLog(options, host.err, () => Date.now());
  const port = portOf(node, role);
  return { node: node.name, topology, port, stateDir, listening, log, recent, closeLog: close };
}
