// The coordinator's paths for /openapi.json.

import { taskStateNames } from "../core/task-state.ts";
import { type Operation, type Parameter, schemaRef } from "./openapi-operation.ts";
import { createTaskSchema, shutdownSchema, stopTaskSchema } from "./read-request.ts";

const taskId: Parameter = {
  name: "taskId",
  description: "A task's id.",
  schema: { type: "string" },
};

const time = (name: string, description: string): Parameter => ({
  name,
  description: `${description}; 0 and below: no limit.`,
  schema: { type: "integer", format: "int64", default: 0 },
});

const filters: readonly Parameter[] = [
  {
    name: "taskId",
    description: "Only these tasks; repeat it for several.",
    schema: { type: "array", items: { type: "string" } },
  },
  time("firstStartMs", "Only tasks that started then or later"),
  time("lastStartMs", "Only tasks that started then or earlier"),
  time("firstEndMs", "Only tasks that ended then or later"),
  time("lastEndMs", "Only tasks that ended then or earlier"),
  { name: "state", description: "Only tasks in this state.", schema: { enum: taskStateNames } },
];

export const coordinatorOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/coordinator/status",
    summary: "When the coordinator started.",
    answer: {
      type: "object",
      properties: { serverStartMs: { type: "integer", format: "int64" } },
      required: ["serverStartMs"],
      additionalProperties: false,
    },
  },
  {
    method: "get",
    path: "/coordinator/uptime",
    summary: "When the coordinator started, and what time it is there.",
    answer: schemaRef("Uptime"),
  },
  {
    method: "post",
    path: "/coordinator/task/create",
    summary: "Creates a task; the same id with an equal spec is accepted again.",
    body: createTaskSchema,
    errors: [409, 501],
  },
  {
    method: "put",
    path: "/coordinator/task/stop",
    summary: "Stops a task; an unknown one counts as stopped.",
    body: stopTaskSchema,
  },
  {
    method: "get",
    path: "/coordinator/tasks",
    summary: "Tasks by id; all filters have to match.",
    query: filters,
    answer: {
      type: "object",
      properties: {
        tasks: { type: "object", additionalProperties: schemaRef("TaskState") },
      },
      required: ["tasks"],
      additionalProperties: false,
    },
  },
  {
    method: "delete",
    path: "/coordinator/tasks",
    summary: "Forgets a task; its workers are stopped in the background.",
    query: [taskId],
  },
  {
    method: "get",
    path: "/coordinator/tasks/{taskId}",
    summary: "One task.",
    pathParameter: "taskId",
    answer: schemaRef("TaskState"),
    errors: [404],
  },
  {
    method: "put",
    path: "/coordinator/shutdown",
    summary: "Ends the coordinator, and all agents when asked to.",
    body: shutdownSchema,
  },
  {
    method: "get",
    path: "/trogdor/coordinator/nodes",
    summary: "What the coordinator knows of its agents.",
    answer: {
      type: "object",
      properties: { nodes: { type: "array", items: schemaRef("NodeState") } },
      required: ["nodes"],
    },
  },
  {
    method: "post",
    path: "/trogdor/stopAll",
    summary: "Stops every task; answers how many were told to stop.",
    answer: { type: "object", properties: { stopped: { type: "integer" } }, required: ["stopped"] },
  },
];
