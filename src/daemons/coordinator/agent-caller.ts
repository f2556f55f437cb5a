// Makes the calls to agents that the coordinator wants, each within its bound, and posts what came
// of them.

import type { CallAgent, CoordinatorEvent } from "../../core/coordinator/coordinator-events.ts";
import type { Refusal } from "../../core/refusal.ts";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { AgentCalls, ConnectAgent } from "../../rest/agent-calls.ts";
import { momentOf } from "../moment-of.ts";
import { withDeadline } from "../with-deadline.ts";
import type { NodeBook } from "./node-book.ts";

export interface AgentCallerOptions {
  readonly connect: ConnectAgent;
  readonly nodes: readonly { readonly name: string }[];
  readonly clock: Clock;
  readonly log: Log;
  readonly book: NodeBook;
  readonly callTimeoutMs: number;
  readonly createTimeoutMs: number;
  post(event: CoordinatorEvent): void;
}

export interface AgentCaller {
  poll(node: string, poll: number): void;
  call(effect: CallAgent): void;
  /** Tells every agent to end; failures are logged. */
  shutDownAgents(): Promise<void>;
  /** From now on nothing is called. */
  close(): void;
  readonly counts: CallCounts;
}

export interface CallCounts {
  readonly creates: number;
  readonly createFailures: number;
  readonly stops: number;
  readonly destroys: number;
}

export function createAgentCaller(options: AgentCallerOptions): AgentCaller {
  const { clock, log, book, post, callTimeoutMs, createTimeoutMs } = options;
  const agents = new Map(options.nodes.map(({ name }) => [name, options.connect(name)]));
  const counts = { creates: 0, createFailures: 0, stops: 0, destroys: 0 };
  let isClosed = false;

  async function poll(node: string, poll: number): Promise<void> {
    const startUs = clock.nowUs();
    try {
      const answer = await withDeadline(agents.get(node)!.status(), clock, callTimeoutMs);
      const moment = momentOf(clock);
      const roundTripMs = (clock.nowUs() - startUs) / 1000;
      book.polled(node, answer, { nowMs: moment.nowMs, roundTripMs });
      const { workers } = answer.status;
      post({ type: "polled", node, poll, workers, ...moment });
    } catch (error) {
      book.failed(node, error, clock.nowMs());
      post({ type: "pollFailed", node, poll, ...momentOf(clock) });
    }
  }

  async function call(effect: CallAgent): Promise<void> {
    const { call, node, workerId, taskId } = effect;
    counts[`${call}s`] += 1;
    let refusal: Refusal | undefined;
    try {
      const timeoutMs = call === "create" ? createTimeoutMs : callTimeoutMs;
      await withDeadline(callAgent(agents.get(node)!, effect), clock, timeoutMs);
      log.info(`worker ${call} was sent`, { node, workerId, taskId });
    } catch (error) {
      if (call === "create") counts.createFailures += 1;
      refusal = refusalOf(error);
      log.warn(`worker ${call} failed`, { node, workerId, taskId, error: refusal.message });
    }
    post({ type: "called", call, node, workerId, refusal, ...momentOf(clock) });
  }

  async function shutDownAgent(node: string, agent: AgentCalls): Promise<void> {
    try {
      await withDeadline(agent.shutdown(), clock, callTimeoutMs);
    } catch (error) {
      log.warn("agent was not told to shut down", { node, error: errorText(error) });
    }
  }

  return {
    poll(node, number) {
      if (!isClosed) void poll(node, number);
    },
    call(effect) {
      if (!isClosed) void call(effect);
    },
    async shutDownAgents() {
      const told = [...agents].map(([node, agent]) => shutDownAgent(node, agent));
      await Promise.all(told);
    },
    close() {
      isClosed = true;
    },
    counts,
  };
}

function callAgent(agent: AgentCalls, effect: CallAgent): Promise<void> {
  const { call, workerId, taskId, spec } = effect;
  switch (call) {
    case "create":
      return agent.createWorker({ workerId, taskId, spec: spec! });
    case "stop":
      return agent.stopWorker(workerId);
    case "destroy":
      return agent.destroyWorker(workerId);
  }
}

/** An error without a code may have happened or not, like a lost connection. */
function refusalOf(error: unknown): Refusal {
  const code = error instanceof TrogdorError ? error.code : "unavailable";
  return { code, message: errorText(error) };
}
