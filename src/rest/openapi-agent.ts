// The agent's paths for /openapi.json.

import { type Operation, type Parameter, schemaRef } from "./openapi-operation.ts";
import { createWorkerSchema, stopWorkerSchema } from "./read-request.ts";

const workerId: Parameter = {
  name: "workerId",
  description: "A worker's id.",
  schema: { type: "integer", format: "int64", default: 0 },
};

export const agentOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/agent/status",
    summary: "All workers by id; the member `workers` is missing when there are none.",
    answer: {
      type: "object",
      properties: {
        serverStartMs: { type: "integer", format: "int64" },
        workers: { type: "object", additionalProperties: schemaRef("WorkerState") },
      },
      required: ["serverStartMs"],
      additionalProperties: false,
    },
  },
  {
    method: "get",
    path: "/agent/uptime",
    summary: "When the agent started, and what time it is there.",
    answer: schemaRef("Uptime"),
  },
  {
    method: "post",
    path: "/agent/worker/create",
    summary: "Starts a worker; answered when it has started or failed.",
    body: createWorkerSchema,
    errors: [403, 409, 501],
  },
  {
    method: "put",
    path: "/agent/worker/stop",
    summary: "Stops a worker; an unknown one counts as stopped.",
    body: stopWorkerSchema,
  },
  {
    method: "delete",
    path: "/agent/worker",
    summary: "Stops a worker if needed, and forgets it.",
    query: [workerId],
  },
  { method: "put", path: "/agent/shutdown", summary: "Ends the agent and all its workers." },
  {
    method: "get",
    path: "/trogdor/agent/logs",
    summary: "The last lines of the agent's log, oldest first.",
    query: [
      {
        name: "lines",
        description: "At most so many lines.",
        schema: { type: "integer", default: 100 },
      },
      { ...workerId, schema: { type: "integer", format: "int64" } },
      { name: "taskId", description: "Only this task's.", schema: { type: "string" } },
    ],
    answer: {
      type: "object",
      properties: { lines: { type: "array", items: { type: "string" } } },
      required: ["lines"],
    },
  },
  {
    method: "post",
    path: "/trogdor/stopAll",
    summary: "Stops every worker; answers how many were told to stop.",
    answer: { type: "object", properties: { stopped: { type: "integer" } }, required: ["stopped"] },
  },
];
