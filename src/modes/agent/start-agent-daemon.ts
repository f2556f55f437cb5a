// Puts the agent together: the store in its folder, the undoing of what a dead predecessor left,
// the runner of workers, the shell around the core, the REST server.

import { startAgent } from "../../daemons/agent/agent-daemon.ts";
import { workerRunner } from "../../daemons/agent/worker-process/worker-runner.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import { realNativePrograms } from "../../platform/native-programs/real-native-programs.ts";
import { realProcesses } from "../../platform/processes/real-processes.ts";
import { openStore } from "../../platform/store/open-store.ts";
import type { LogQuery } from "../../rest/agent-extras.ts";
import { startAgentServer } from "../../rest/agent-server.ts";
import { procPeerUserId } from "../../rest/proc-peer-user.ts";
import { specCatalog } from "../../tasks/spec-catalog.ts";
import type { DaemonPlace } from "../daemon/daemon-place.ts";
import { logReady } from "../daemon/ready-line.ts";
import type { RunningDaemon } from "../daemon/run-daemon.ts";
import { runningDaemon, startOrUndo } from "../daemon/running-daemon.ts";
import type { Ending } from "../daemon/shut-down.ts";
import { childCommand } from "../worker/child-command.ts";
import { agentFigures } from "./agent-figures.ts";
import { realFaultHost, undoWhatIsLeft } from "./fault-host.ts";

export interface AgentSettings {
  readonly deadManMs: number;
  readonly configPath: string;
  /** --allow-clock */
  readonly allowsClock: boolean;
}

export function startAgentDaemon(
  place: DaemonPlace,
  settings: AgentSettings,
  clock: Clock,
): Promise<RunningDaemon> {
  return startOrUndo((endings) => start(place, settings, clock, endings));
}

async function start(
  place: DaemonPlace,
  settings: AgentSettings,
  clock: Clock,
  endings: Ending[],
): Promise<RunningDaemon> {
  const { node, topology, port, stateDir, listening, log, recent } = place;
  const store = await openStore({ dir: stateDir, owner: `the agent of node ${node}` });
  endings.push(() => store.close());
  const { failures } = await undoWhatIsLeft(realFaultHost(stateDir), log);
  for (const error of failures) log.error("a fault is still in force", { error });
  const processes = realProcesses({
    nativePrograms: realNativePrograms(),
    log,
    cleanUpCommand: cleanUpCommand(place, settings),
  });
  endings.push(() => processes.close());
  const runner = workerRunner({
    processes,
    clock,
    log,
    faultHost: realFaultHost(stateDir, { processes, allowsClock: settings.allowsClock }),
    childCommand: childCommand("worker"),
  });
  const daemon = await startAgent({
    store,
    clock,
    runner,
    catalog: specCatalog,
    node,
    topology,
    log,
    options: { deadManMs: settings.deadManMs },
  });
  endings.push(() => daemon.close());
  const service = { ...daemon, logs: async (query: LogQuery) => recent.find(query) };
  const server = await startAgentServer(service, specCatalog, {
    port,
    listening,
    log,
    nowMs: () => clock.nowMs(),
    node,
    peerUserId: procPeerUserId,
    collect: () => agentFigures(daemon.metrics()),
    specSchema: async () => (await import("../../tasks/task-json-schema.ts")).registryJsonSchema(),
  });
  endings.push(() => server.stop());
  logReady(log, { role: "agent", node, url: server.url, stateDir, notice: listening.notice });
  // The port closes as soon as somebody asks the agent to end; its workers end after that.
  const shellEnded = Promise.race([daemon.ending, daemon.ended]);
  return runningDaemon(shellEnded, endings);
}

/** What the guard runs once this process is gone without a word. */
function cleanUpCommand({ node, stateDir }: DaemonPlace, { configPath }: AgentSettings): string[] {
  const options = ["--config", configPath, "--node", node, "--state-dir", stateDir];
  return [...childCommand("agent"), "--cleanup", ...options];
}
