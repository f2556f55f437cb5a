// What an agent may offer beyond the reference's API; a service without a member answers 404 on its
// path. All of it stands under /trogdor/..., where no Java peer looks.

import type { AgentService } from "./agent-service.ts";
import type { Caller } from "./caller.ts";

export interface LogQuery {
  /** At most so many of the last lines. */
  readonly lines: number;
  /** Only lines of this worker, or of this task's workers. */
  readonly workerId: bigint | undefined;
  readonly taskId: string | undefined;
}

export interface AgentExtras {
  /** GET /trogdor/agent/logs?lines=N&workerId=N&taskId=S: the last log lines, oldest first. */
  logs?(query: LogQuery): Promise<readonly string[]>;
  /** POST /trogdor/stopAll: stops every worker that is not done; answers how many there were. */
  stopAll?(caller: Caller): Promise<number>;
}

export type ExtendedAgentService = AgentService & AgentExtras;
