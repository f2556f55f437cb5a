// Services for tests of the REST layer: they keep what they were asked for and hold states that
// the test puts in. They know two classes: the reference's NoOp, and one of our own with a field
// of ours.

import type { SpecData } from "../core/spec-data.ts";
import type { TaskState } from "../core/task-state.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import type { WorkerState } from "../core/worker-state.ts";
import { isJsonObject } from "../spec/json.ts";
import type { SpecCatalog } from "../spec/spec-catalog.ts";
import type { ExtendedAgentService } from "./agent-extras.ts";
import type { WorkerRequest } from "./agent-service.ts";
import type { Caller } from "./caller.ts";
import type { ExtendedCoordinatorService } from "./coordinator-extras.ts";

export const noOpClass = "org.apache.kafka.trogdor.task.NoOpTaskSpec";
export const ownClass = "trogdor.OwnSpec";

export function noOpSpec(startMs = 0n, durationMs = 0): SpecData {
  const text = `{"class":"${noOpClass}","startMs":${startMs},"durationMs":${durationMs}}`;
  return { className: noOpClass, startMs, durationMs, text };
}

export const ownSpec: SpecData = {
  className: ownClass,
  startMs: 0n,
  durationMs: 0,
  text: `{"class":"${ownClass}","startMs":0,"durationMs":0}`,
};

/** Reads NoOp and the class of our own; `extension` is a field that Java does not know. */
export const smallCatalog: SpecCatalog = {
  read(json) {
    const members = isJsonObject(json) ? json : {};
    const { class: className, startMs = 0, durationMs = 0, extension, ...others } = members;
    if (className === ownClass) return ownSpec;
    if (className !== noOpClass) throw new TrogdorError("unknownClass", "no such class");
    const unknown = Object.keys(others).map((path) => ({ path, message: "unknown field" }));
    if (unknown.length > 0) throw new TrogdorError("spec", "wrong spec", { problems: unknown });
    const spec = noOpSpec(BigInt(startMs as number), Number(durationMs));
    return extension === undefined
      ? spec
      : { ...spec, text: `${spec.text.slice(0, -1)},"extension":${extension}}` };
  },
  targetNodes: () => ["n1"],
  javaForm(spec) {
    if (spec.className !== noOpClass) return undefined;
    const text = spec.text.replace(/,"extension":\d+/, "");
    return { text, leftOut: text === spec.text ? [] : ["extension"] };
  },
};

export type RecordedCall = readonly [name: string, ...args: unknown[]];

export interface RecordedCoordinator extends ExtendedCoordinatorService {
  readonly calls: RecordedCall[];
  readonly states: Map<string, TaskState>;
  /** Thrown by the next call that changes something. */
  nextError: Error | undefined;
}

export function recordedCoordinator(
  extras: Partial<ExtendedCoordinatorService> = {},
): RecordedCoordinator {
  const calls: RecordedCall[] = [];
  const states = new Map<string, TaskState>();
  const take = async (...call: RecordedCall) => {
    const error = service.nextError;
    service.nextError = undefined;
    if (error !== undefined) throw error;
    calls.push(call);
  };
  const service: RecordedCoordinator = {
    calls,
    states,
    nextError: undefined,
    serverStartMs: 111,
    nowMs: () => 150,
    createTask: (id, spec) => take("createTask", id, spec),
    stopTask: (id) => take("stopTask", id),
    destroyTask: (id) => take("destroyTask", id),
    *tasks(filter) {
      calls.push(["tasks", filter]);
      for (const entry of states) {
        if (filter.taskIds.size === 0 || filter.taskIds.has(entry[0])) yield entry;
      }
    },
    task: (id) => states.get(id),
    shutdown: (stopAgents) => take("shutdown", stopAgents),
    ...extras,
  };
  return service;
}

export interface RecordedAgent extends ExtendedAgentService {
  readonly calls: RecordedCall[];
  readonly workers: Map<bigint, WorkerState>;
  readonly callers: Caller[];
  nextError: Error | undefined;
  polls: number;
}

export function recordedAgent(extras: Partial<ExtendedAgentService> = {}): RecordedAgent {
  const calls: RecordedCall[] = [];
  const callers: Caller[] = [];
  const workers = new Map<bigint, WorkerState>();
  const take = async (call: RecordedCall, caller?: Caller) => {
    const error = service.nextError;
    service.nextError = undefined;
    if (error !== undefined) throw error;
    calls.push(call);
    if (caller !== undefined) callers.push(caller);
  };
  const service: RecordedAgent = {
    calls,
    callers,
    workers,
    nextError: undefined,
    polls: 0,
    serverStartMs: 111,
    nowMs: () => 150,
    status: () => ({ serverStartMs: 111, workers }),
    polled() {
      service.polls += 1;
    },
    createWorker: (request: WorkerRequest, caller) => take(["createWorker", request], caller),
    stopWorker: (workerId, caller) => take(["stopWorker", workerId], caller),
    destroyWorker: (workerId, caller) => take(["destroyWorker", workerId], caller),
    shutdown: () => take(["shutdown"]),
    ...extras,
  };
  return service;
}
