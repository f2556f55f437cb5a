// The agent's API for the command line; it talks to Java agents as well.

import type { JsonText } from "../core/spec-data.ts";
import type { AgentStatus } from "./agent-service.ts";
import { type ClientOptions, clientCalls } from "./client-calls.ts";
import { readStopped } from "./coordinator-client.ts";
import { readAgentStatus, readUptime, type Uptime } from "./read-answer.ts";

export interface LogsRequest {
  readonly lines?: number;
  readonly workerId?: bigint;
  readonly taskId?: string;
}

export interface AgentClient {
  readonly url: string;
  status(): Promise<AgentStatus>;
  uptime(): Promise<Uptime>;
  createWorker(workerId: bigint, taskId: string, spec: JsonText): Promise<void>;
  stopWorker(workerId: bigint): Promise<void>;
  destroyWorker(workerId: bigint): Promise<void>;
  shutdown(): Promise<void>;
  /** Ours only: a Java agent answers `notFound`, as to stopAll. Oldest first. */
  logs(request?: LogsRequest): Promise<readonly string[]>;
  /** How many workers were told to stop. */
  stopAll(): Promise<number>;
  close(): void;
}

export function agentClient(options: ClientOptions): AgentClient {
  const calls = clientCalls(options);
  return {
    url: calls.url,
    status: () => calls.get("/agent/status", readAgentStatus),
    uptime: () => calls.get("/agent/uptime", readUptime),
    createWorker: (workerId, taskId, spec) =>
      calls.send("POST", "/agent/worker/create", createWorkerBody(workerId, taskId, spec)),
    stopWorker: (workerId) => calls.send("PUT", "/agent/worker/stop", `{"workerId":${workerId}}`),
    destroyWorker: (workerId) => calls.send("DELETE", `/agent/worker?workerId=${workerId}`),
    shutdown: () => calls.send("PUT", "/agent/shutdown"),
    logs: (request = {}) => calls.get(`/trogdor/agent/logs?${logsQuery(request)}`, readLines),
    stopAll: () => calls.post("/trogdor/stopAll", readStopped),
    close: calls.close,
  };
}

/** Worker ids are digits without quotes; they do not fit a JavaScript number. */
export function createWorkerBody(workerId: bigint, taskId: string, spec: JsonText): string {
  return `{"workerId":${workerId},"taskId":${JSON.stringify(taskId)},"spec":${spec}}`;
}

function logsQuery({ lines, workerId, taskId }: LogsRequest): string {
  const query = new URLSearchParams();
  if (lines !== undefined) query.set("lines", String(lines));
  if (workerId !== undefined) query.set("workerId", String(workerId));
  if (taskId !== undefined) query.set("taskId", taskId);
  return query.toString();
}

function readLines(text: string): readonly string[] {
  return (JSON.parse(text) as { lines?: readonly string[] }).lines ?? [];
}
