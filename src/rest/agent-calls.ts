// What the coordinator asks of an agent. The real one is an HTTP client; the simulator has its
// own. A call rejects with a TrogdorError: `conflict`, `unknownClass` and `invalidRequest` are
// permanent, everything else (`unavailable`: refused, reset, timed out, garbled) may have happened
// or not.

import type { AgentStatus, WorkerRequest } from "./agent-service.ts";

export interface PolledStatus {
  readonly status: AgentStatus;
  /** Undefined for a Java agent: it knows neither our classes nor our fields. */
  readonly version: string | undefined;
  /** The agent's wall clock when it answered, if it told. */
  readonly agentNowMs: number | undefined;
}

export interface AgentCalls {
  status(): Promise<PolledStatus>;
  createWorker(request: WorkerRequest): Promise<void>;
  stopWorker(workerId: bigint): Promise<void>;
  destroyWorker(workerId: bigint): Promise<void>;
  shutdown(): Promise<void>;
}

/** The calls to one node; made once for each node with an agent. */
export type ConnectAgent = (node: string) => AgentCalls;
