// The JSON Schemas of what the daemons answer: which member a state has when.

const time = { type: "integer", format: "int64", description: "Epoch milliseconds." };
const spec = { $ref: "#/components/schemas/TaskSpec" };
const status = { description: "Any JSON: what the task's workers report." };
const error = { type: "string", description: "One sentence; missing after success." };

function state(names: readonly string[], properties: object, required: readonly string[]): object {
  return {
    type: "object",
    properties: { state: { enum: names }, spec, ...properties },
    required: ["state", "spec", ...required],
    additionalProperties: false,
  };
}

const taskId = { type: "string" };

export const stateSchemas: Readonly<Record<string, object>> = {
  TaskState: {
    oneOf: [
      state(["PENDING"], { status }, []),
      state(["RUNNING", "STOPPING"], { startedMs: time, status }, ["startedMs"]),
      state(
        ["DONE"],
        { startedMs: time, doneMs: time, error, cancelled: { type: "boolean" }, status },
        ["startedMs", "doneMs", "cancelled"],
      ),
    ],
  },
  WorkerState: {
    oneOf: [
      state(["STARTING"], { taskId }, []),
      state(["RUNNING", "STOPPING"], { taskId, startedMs: time, status }, ["startedMs"]),
      state(["DONE"], { taskId, startedMs: time, doneMs: time, status, error }, [
        "startedMs",
        "doneMs",
      ]),
    ],
  },
  Uptime: {
    type: "object",
    properties: { serverStartMs: time, nowMs: time },
    required: ["serverStartMs", "nowMs"],
    additionalProperties: false,
  },
  NodeState: {
    type: "object",
    properties: {
      node: { type: "string" },
      hostname: { type: "string" },
      port: { type: "integer" },
      isOurs: { type: "boolean", description: "Missing: the agent was never reached." },
      version: { type: "string" },
      clockOffsetMs: { type: "number", description: "The agent's clock minus the coordinator's." },
      lastPollMs: time,
      lastAnswerMs: time,
      error: { type: "string" },
      workers: { type: "integer" },
    },
    required: ["node", "hostname", "port", "error", "workers"],
  },
};
