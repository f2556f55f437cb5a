// The coordinator's calls to its agents, over the simulated network.

import type { AgentDaemon } from "../daemons/agent/agent-daemon.ts";
import type { ConnectAgent } from "../rest/agent-calls.ts";
import type { Caller } from "../rest/caller.ts";
import { type Life, simulationStartMs } from "./host.ts";
import { coordinatorName, type World } from "./world.ts";

/** As the HTTP client has them; longer than the coordinator's own bounds. */
const timeoutMs = 10_000;
const createTimeoutMs = 30_000;

export function connectSimulatedAgents(world: World, id: string, life: Life): ConnectAgent {
  const caller: Caller = { isJava: false, coordinatorId: id, mayRunCommands: async () => false };
  const hosts = new Map(world.agents.map((host) => [host.name, host]));
  return (to) => {
    const host = hosts.get(to)!;
    const call = <T>(
      what: string,
      serve: (agent: AgentDaemon) => Promise<T> | T,
      withinMs = timeoutMs,
    ) =>
      world.network.call({
        from: coordinatorName,
        to,
        what,
        timeoutMs: withinMs,
        life,
        mayRepeat: true,
        service: () => host.service,
        serve,
      });
    return {
      status: () =>
        call("status", (agent) => {
          agent.polled();
          const { serverStartMs, workers } = agent.status();
          const nowMs = simulationStartMs + world.scheduler.nowMs() + host.clockOffsetMs;
          const status = { serverStartMs, workers: new Map(workers) };
          return { status, version: "simulated", agentNowMs: nowMs };
        }),
      createWorker: (request) =>
        call(
          `create ${request.workerId}`,
          (agent) => agent.createWorker(request, caller),
          createTimeoutMs,
        ),
      stopWorker: (id) => call(`stop ${id}`, (agent) => agent.stopWorker(id, caller)),
      destroyWorker: (id) => call(`destroy ${id}`, (agent) => agent.destroyWorker(id, caller)),
      shutdown: () => call("shutdown", (agent) => agent.shutdown()),
    };
  };
}
