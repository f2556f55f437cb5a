// What the coordinator's shell notes of its nodes for people: who answered when, whose clock is
// off. Each change is logged once, not at each poll.

import { errorText } from "../../core/trogdor-error.ts";
import type { Log } from "../../platform/log/log.ts";
import type { PolledStatus } from "../../rest/agent-calls.ts";
import type { AgentStatus } from "../../rest/agent-service.ts";
import type { NodeState } from "../../rest/coordinator-extras.ts";
import type { ReachableNode } from "./reachable-nodes.ts";

/** Agents stop tasks by their own clock, so a larger difference shortens or lengthens tasks. */
export const clockOffsetMaxMs = 500;

export interface NodeBook {
  polled(node: string, answer: PolledStatus, timing: PollTiming): void;
  failed(node: string, error: unknown, nowMs: number): void;
  states(): readonly NodeState[];
  readonly polls: number;
  readonly pollFailures: number;
}

export interface PollTiming {
  readonly nowMs: number;
  readonly roundTripMs: number;
}

interface Page {
  readonly node: ReachableNode;
  isOurs: boolean | undefined;
  version: string | undefined;
  clockOffsetMs: number | undefined;
  isClockOff: boolean;
  lastPollMs: number | undefined;
  lastAnswerMs: number | undefined;
  /** Undefined before the first poll. */
  error: string | undefined;
  status: AgentStatus | undefined;
}

export function createNodeBook(nodes: readonly ReachableNode[], log: Log): NodeBook {
  const pages = new Map(nodes.map((node) => [node.name, newPage(node)]));
  const counts = { polls: 0, pollFailures: 0 };
  return {
    polled(name, answer, { nowMs, roundTripMs }) {
      const page = pages.get(name)!;
      counts.polls += 1;
      if (page.error !== "") log.info("agent answered", { node: name });
      const offsetMs =
        answer.agentNowMs === undefined ? undefined : answer.agentNowMs + roundTripMs / 2 - nowMs;
      // Half of the round trip may have been spent on one way.
      const isClockOff = Math.abs(offsetMs ?? 0) > clockOffsetMaxMs + roundTripMs / 2;
      if (isClockOff !== page.isClockOff) logClock(log, name, isClockOff, offsetMs);
      page.isClockOff = isClockOff;
      page.clockOffsetMs = offsetMs === undefined ? undefined : Math.round(offsetMs);
      page.isOurs = answer.version !== undefined;
      page.version = answer.version;
      page.status = answer.status;
      page.lastPollMs = nowMs;
      page.lastAnswerMs = nowMs;
      page.error = "";
    },
    failed(name, error, nowMs) {
      const page = pages.get(name)!;
      counts.polls += 1;
      counts.pollFailures += 1;
      const text = errorText(error);
      const isNews = page.error === undefined || page.error === "";
      if (isNews) log.warn("agent did not answer", { node: name, error: text });
      page.lastPollMs = nowMs;
      page.error = text;
    },
    states: () => [...pages.values()].map(nodeState),
    get polls() {
      return counts.polls;
    },
    get pollFailures() {
      return counts.pollFailures;
    },
  };
}

function newPage(node: ReachableNode): Page {
  return {
    node,
    isOurs: undefined,
    version: undefined,
    clockOffsetMs: undefined,
    isClockOff: false,
    lastPollMs: undefined,
    lastAnswerMs: undefined,
    error: undefined,
    status: undefined,
  };
}

function logClock(log: Log, node: string, isOff: boolean, offsetMs: number | undefined): void {
  const fields = { node, offsetMs: Math.round(offsetMs ?? 0), limitMs: clockOffsetMaxMs };
  if (isOff) log.warn("agent's clock is off: tasks end by the agent's clock", fields);
  else log.info("agent's clock is right again", fields);
}

function nodeState(page: Page): NodeState {
  const { node, isOurs, version, clockOffsetMs, lastPollMs, lastAnswerMs } = page;
  const { error = "", status } = page;
  return {
    node: node.name,
    hostname: node.hostname,
    port: node.port,
    isOurs,
    version,
    clockOffsetMs,
    lastPollMs,
    lastAnswerMs,
    error,
    workers: status?.workers.size ?? 0,
  };
}
