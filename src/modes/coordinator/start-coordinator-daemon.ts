// Puts the coordinator together: the store in its folder, the shell around the core, the calls to
// agents, the REST server. What was begun is ended again when a later part cannot start.

import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { startCoordinator } from "../../daemons/coordinator/coordinator-daemon.ts";
import { reachableNodes } from "../../daemons/coordinator/reachable-nodes.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import { realNames } from "../../platform/names/real-names.ts";
import { openStore } from "../../platform/store/open-store.ts";
import type { ConnectAgent } from "../../rest/agent-calls.ts";
import { startCoordinatorServer } from "../../rest/coordinator-server.ts";
import { type HttpAgentCalls, httpAgentCalls } from "../../rest/http-agent-calls.ts";
import { resolveSpecData } from "../../tasks/kafka-targets/resolve-target.ts";
import { specCatalog } from "../../tasks/spec-catalog.ts";
import type { DaemonPlace } from "../daemon/daemon-place.ts";
import { logReady } from "../daemon/ready-line.ts";
import type { RunningDaemon } from "../daemon/run-daemon.ts";
import { runningDaemon, startOrUndo } from "../daemon/running-daemon.ts";
import type { Ending } from "../daemon/shut-down.ts";
import { archiveFile } from "./archive-file.ts";
import { coordinatorFigures } from "./coordinator-figures.ts";
import type { Retention } from "./coordinator-options.ts";

export function startCoordinatorDaemon(
  place: DaemonPlace,
  retention: Retention,
  clock: Clock,
): Promise<RunningDaemon> {
  return startOrUndo((endings) => start(place, retention, clock, endings));
}

async function start(
  place: DaemonPlace,
  retention: Retention,
  clock: Clock,
  endings: Ending[],
): Promise<RunningDaemon> {
  const { node, topology, port, stateDir, listening, log } = place;
  const { retainTasks, retainForMs, archives } = retention;
  const store = await openStore({ dir: stateDir, owner: "a coordinator" });
  endings.push(() => store.close());
  const connectAgents = (coordinatorId: string): ConnectAgent => {
    const calls = connections(place, coordinatorId);
    endings.push(() => calls.close());
    return calls.connect;
  };
  const daemon = await startCoordinator({
    store,
    clock,
    connectAgents,
    catalog: specCatalog,
    topology,
    log,
    resolveSpec: (spec) => resolveSpecData(spec, { topology, names: realNames, clock, log }),
    ids: { coordinatorId: () => randomUUID(), firstWorkerId },
    options: { retainTasks, retainForMs },
    ...(archives && stateDir !== "none"
      ? { archive: archiveFile(join(stateDir, "archive.jsonl")) }
      : {}),
  });
  endings.push(() => daemon.close());
  const server = await startCoordinatorServer(daemon, specCatalog, {
    port,
    listening,
    log,
    nowMs: () => clock.nowMs(),
    collect: () => coordinatorFigures(daemon.metrics()),
    specSchema: async () => (await import("../../tasks/task-json-schema.ts")).registryJsonSchema(),
  });
  endings.push(() => server.stop());
  logReady(log, { role: "coordinator", node, url: server.url, stateDir, notice: listening.notice });
  return runningDaemon(daemon.ended, endings);
}

/** The calls carry this daemon's own token, and its certificate. */
function connections({ topology, listening }: DaemonPlace, coordinatorId: string): HttpAgentCalls {
  const nodes = new Map(reachableNodes(topology).map((node) => [node.name, node]));
  return httpAgentCalls({
    coordinatorId,
    catalog: specCatalog,
    ...(listening.token === undefined ? {} : { token: listening.token }),
    ...(listening.tls === undefined ? {} : { tls: listening.tls }),
    address(name) {
      const { hostname, port } = nodes.get(name)!;
      return { hostname, port };
    },
  });
}

/** From 0 up to 2^62 - 1, as in the reference. */
function firstWorkerId(): bigint {
  const random = randomBytes(8).readBigUInt64BE() >> 2n;
  return random === (1n << 62n) - 1n ? 0n : random;
}
