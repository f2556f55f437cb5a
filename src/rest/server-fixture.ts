// Servers for tests, with recorded services behind them; `stopServers` ends all of a test's.

import { silentLog } from "../platform/log/log.ts";
import type { SpecCatalog } from "../spec/spec-catalog.ts";
import type { ExtendedAgentService } from "./agent-extras.ts";
import { type AgentServerOptions, startAgentServer } from "./agent-server.ts";
import type { ExtendedCoordinatorService } from "./coordinator-extras.ts";
import { type CoordinatorServerOptions, startCoordinatorServer } from "./coordinator-server.ts";
import type { RestServer } from "./http-server.ts";
import { loopbackListening } from "./listening.ts";
import { recordedAgent, recordedCoordinator, smallCatalog } from "./recorded-services.ts";

const running: RestServer[] = [];

const defaults = { port: 0, listening: loopbackListening, log: silentLog, nowMs: () => 12345 };

export async function startTestCoordinator(
  options: Partial<CoordinatorServerOptions> = {},
  extras: Partial<ExtendedCoordinatorService> = {},
  catalog: SpecCatalog = smallCatalog,
) {
  const service = recordedCoordinator(extras);
  const server = await startCoordinatorServer(service, catalog, { ...defaults, ...options });
  running.push(server);
  return { service, server, port: server.port };
}

export async function startTestAgent(
  options: Partial<AgentServerOptions> = {},
  extras: Partial<ExtendedAgentService> = {},
  catalog: SpecCatalog = smallCatalog,
) {
  const service = recordedAgent(extras);
  const server = await startAgentServer(service, catalog, { ...defaults, ...options });
  running.push(server);
  return { service, server, port: server.port };
}

export async function stopServers(): Promise<void> {
  for (const server of running.splice(0)) await server.stop();
}
