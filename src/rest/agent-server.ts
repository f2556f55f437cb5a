// The agent's REST API: the reference's paths, and ours under /trogdor/.

import type { SpecCatalog } from "../spec/spec-catalog.ts";
import type { ExtendedAgentService } from "./agent-extras.ts";
import { type RestServer, type ServerOptions, startServer } from "./http-server.ts";
import { type OperationOptions, operationRoutes } from "./operation-routes.ts";
import { bodyOf } from "./read-body.ts";
import { readLogQuery, readWorkerIdParameter } from "./read-query.ts";
import { readCreateWorker, readStopWorker } from "./read-request.ts";
import { requestRecorder } from "./request-recorder.ts";
import type { Routes } from "./routes.ts";
import { stateMap, workerTexts } from "./state-text.ts";

export type AgentServerOptions = ServerOptions & OperationOptions;

export async function startAgentServer(
  service: ExtendedAgentService,
  catalog: SpecCatalog,
  options: AgentServerOptions,
): Promise<RestServer> {
  const requests = requestRecorder();
  const routes = {
    ...agentRoutes(service, catalog),
    ...operationRoutes("agent", requests, options),
  };
  return startServer(routes, options, requests);
}

export function agentRoutes(service: ExtendedAgentService, catalog: SpecCatalog): Routes {
  const ours = workerTexts((spec) => spec.text);
  const java = workerTexts((spec) => catalog.javaForm(spec)?.text);
  return {
    "/agent/status": {
      GET({ caller }) {
        service.polled();
        const { serverStartMs, workers } = service.status();
        const map = stateMap(workers, caller.isJava ? java : ours);
        const member = map === "{}" ? "" : `,"workers":${map}`;
        return `{"serverStartMs":${serverStartMs}${member}}`;
      },
    },
    "/agent/uptime": {
      GET: () => `{"serverStartMs":${service.serverStartMs},"nowMs":${service.nowMs()}}`,
    },
    "/agent/worker/create": {
      async POST(request) {
        const worker = readCreateWorker(bodyOf(await request.readBody()), catalog);
        await service.createWorker(worker, request.caller);
        return "{}";
      },
    },
    "/agent/worker/stop": {
      async PUT(request) {
        const workerId = readStopWorker(bodyOf(await request.readBody()));
        await service.stopWorker(workerId, request.caller);
        return "{}";
      },
    },
    "/agent/worker": {
      async DELETE({ query, caller }) {
        await service.destroyWorker(readWorkerIdParameter(query), caller);
        return "{}";
      },
    },
    "/agent/shutdown": {
      async PUT() {
        await service.shutdown();
        return { text: "{}", endsConnection: true };
      },
    },
    ...extraRoutes(service),
  };
}

function extraRoutes(service: ExtendedAgentService): Routes {
  return {
    ...(service.logs === undefined
      ? {}
      : {
          "/trogdor/agent/logs": {
            GET: async ({ query }) =>
              JSON.stringify({ lines: (await service.logs?.(readLogQuery(query))) ?? [] }),
          },
        }),
    ...(service.stopAll === undefined
      ? {}
      : {
          "/trogdor/stopAll": {
            POST: async ({ caller }) =>
              JSON.stringify({ stopped: (await service.stopAll?.(caller)) ?? 0 }),
          },
        }),
  };
}
