// The coordinator's REST API: the reference's paths, and ours under /trogdor/.

import type { TaskFilter } from "../core/coordinator/task-filter.ts";
import type { SpecData } from "../core/spec-data.ts";
import type { TaskState } from "../core/task-state.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import type { SpecCatalog } from "../spec/spec-catalog.ts";
import type { Caller } from "./caller.ts";
import type { ExtendedCoordinatorService } from "./coordinator-extras.ts";
import { type RestServer, type ServerOptions, startServer } from "./http-server.ts";
import { type OperationOptions, operationRoutes } from "./operation-routes.ts";
import { bodyOf } from "./read-body.ts";
import { readTaskFilter, readTaskIdParameter } from "./read-query.ts";
import { readCreateTask, readShutdown, readStopTask } from "./read-request.ts";
import { requestRecorder } from "./request-recorder.ts";
import type { Routes } from "./routes.ts";
import { type StateText, stateMap, taskTexts } from "./state-text.ts";

export type CoordinatorServerOptions = ServerOptions & OperationOptions;

export async function startCoordinatorServer(
  service: ExtendedCoordinatorService,
  catalog: SpecCatalog,
  options: CoordinatorServerOptions,
): Promise<RestServer> {
  const requests = requestRecorder();
  const routes = {
    ...coordinatorRoutes(service, catalog),
    ...operationRoutes("coordinator", requests, options),
  };
  return startServer(routes, options, requests);
}

export function coordinatorRoutes(
  service: ExtendedCoordinatorService,
  catalog: SpecCatalog,
): Routes {
  const merged = service.merged?.bind(service);
  const forOurs = { specText: (spec: SpecData) => spec.text, merged };
  const forJava = { specText: (spec: SpecData) => catalog.javaForm(spec)?.text };
  const [ours, java] = [taskTexts(forOurs), taskTexts(forJava)];
  const oursListed = taskTexts({ ...forOurs, leavesHistogramsOut: true });
  const javaListed = taskTexts({ ...forJava, leavesHistogramsOut: true });
  const listed = (filter: TaskFilter, { isJava }: Caller) => {
    // Who names tasks gets all that there is of them.
    if (filter.taskIds.size > 0) return stateMap(service.tasks(filter), isJava ? java : ours);
    return stateMap(service.tasks(filter), isJava ? javaListed : oursListed);
  };
  return {
    "/coordinator/status": { GET: () => `{"serverStartMs":${service.serverStartMs}}` },
    "/coordinator/uptime": {
      GET: () => `{"serverStartMs":${service.serverStartMs},"nowMs":${service.nowMs()}}`,
    },
    "/coordinator/task/create": {
      async POST(request) {
        const { id, spec } = readCreateTask(bodyOf(await request.readBody()), catalog);
        await service.createTask(id, spec);
        return "{}";
      },
    },
    "/coordinator/task/stop": {
      async PUT(request) {
        const id = readStopTask(bodyOf(await request.readBody()));
        if (id === "") throw emptyId("stopTask");
        await service.stopTask(id);
        return "{}";
      },
    },
    "/coordinator/tasks": {
      GET: ({ query, caller }) => `{"tasks":${listed(readTaskFilter(query), caller)}}`,
      async DELETE({ query }) {
        const id = readTaskIdParameter(query);
        if (id === "") throw emptyId("destroyTask");
        await service.destroyTask(id);
        return "{}";
      },
    },
    "/coordinator/tasks/{taskId}": {
      GET: ({ id, caller }) => oneTask(id, service.task(id), caller.isJava ? java : ours),
    },
    "/coordinator/shutdown": {
      async PUT(request) {
        await service.shutdown(readShutdown(await request.readBody()));
        return { text: "{}", endsConnection: true };
      },
    },
    ...extraRoutes(service),
  };
}

function extraRoutes(service: ExtendedCoordinatorService): Routes {
  return {
    ...(service.nodes === undefined
      ? {}
      : {
          "/trogdor/coordinator/nodes": {
            GET: () => JSON.stringify({ nodes: service.nodes?.() ?? [] }),
          },
        }),
    ...(service.stopAll === undefined
      ? {}
      : {
          "/trogdor/stopAll": {
            POST: async () => JSON.stringify({ stopped: (await service.stopAll?.()) ?? 0 }),
          },
        }),
  };
}

function oneTask(id: string, task: TaskState | undefined, textOf: StateText<TaskState>): string {
  if (task === undefined) throw new TrogdorError("notFound", `No task with ID "${id}" exists.`);
  const text = textOf(task);
  if (text !== undefined) return text;
  const { className } = task.spec;
  throw new TrogdorError("unknownClass", `Task ${id} is of ${className}, which Java lacks.`);
}

function emptyId(request: string): TrogdorError {
  return new TrogdorError("invalidRequest", `Invalid empty ID in ${request} request.`);
}
