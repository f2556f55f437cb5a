// Carries out what the coordinator's machine wants, once the store has it.

import type {
  ArchivedTask,
  CoordinatorEffect,
  CoordinatorEvent,
  TargetsFound,
} from "../../core/coordinator/coordinator-events.ts";
import type { SpecData } from "../../core/spec-data.ts";
import type { Topology } from "../../core/topology.ts";
import { errorText } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { SpecCatalog } from "../../spec/spec-catalog.ts";
import { momentOf } from "../moment-of.ts";
import type { PendingRequests } from "../pending-requests.ts";
import type { AgentCaller } from "./agent-caller.ts";
import { archiveLine, type TaskArchive } from "./task-archive.ts";
import type { TaskView } from "./task-view.ts";

export interface PerformerParts {
  readonly clock: Clock;
  readonly catalog: SpecCatalog;
  readonly topology: Topology;
  readonly log: Log;
  readonly archive?: TaskArchive;
  /**
   * The spec with the targets that it leaves to be found; undefined when it leaves none. Absent
   * where nobody can be asked.
   */
  resolveSpec?(spec: SpecData): Promise<SpecData | undefined> | undefined;
  readonly view: TaskView;
  readonly requests: PendingRequests;
  readonly caller: AgentCaller;
  post(event: CoordinatorEvent): void;
}

export function createPerformer(parts: PerformerParts): (effect: CoordinatorEffect) => void {
  const { view, requests, caller } = parts;
  return (effect) => {
    switch (effect.type) {
      case "answer":
        requests.answer(effect.request, effect.refusal);
        break;
      case "show":
        view.set(effect.taskId, effect.task);
        break;
      case "findTargets":
        findTargets(parts, effect);
        break;
      case "poll":
        caller.poll(effect.node, effect.poll);
        break;
      case "callAgent":
        caller.call(effect);
        break;
      case "archive":
        void archive(parts, effect.tasks);
    }
  };
}

type FindTargets = Extract<CoordinatorEffect, { type: "findTargets" }>;

/** At once, but for a spec that says who is meant rather than where: that takes a question. */
function findTargets(parts: PerformerParts, effect: FindTargets): void {
  const { post, clock, resolveSpec } = parts;
  const { taskId, serial, spec } = effect;
  const resolving = resolveSpec?.(spec);
  if (resolving === undefined) {
    post(targetsFound(parts, effect, spec));
    return;
  }
  resolving.then(
    (workerSpec) => {
      const found = targetsFound(parts, effect, workerSpec ?? spec);
      post(workerSpec === undefined ? found : { ...found, workerSpec });
    },
    (cause: unknown) => {
      const error = errorText(cause);
      const none = { taskId, serial, nodes: undefined, error };
      post({ type: "targetsFound", ...none, ...momentOf(clock) });
    },
  );
}

function targetsFound(
  { catalog, topology, clock }: PerformerParts,
  { taskId, serial }: FindTargets,
  spec: SpecData,
): TargetsFound {
  const found = { type: "targetsFound", taskId, serial, ...momentOf(clock) } as const;
  try {
    return { ...found, nodes: catalog.targetNodes(spec, topology), error: "" };
  } catch (error) {
    return { ...found, nodes: undefined, error: errorText(error) };
  }
}

/** A task leaves although the archive failed: memory is bounded, and the log says what was lost. */
async function archive(parts: PerformerParts, tasks: readonly ArchivedTask[]): Promise<void> {
  const { log, clock, post } = parts;
  try {
    await parts.archive?.append(tasks.map(archiveLine));
  } catch (error) {
    const taskIds = tasks.map(({ id }) => id);
    log.error("tasks were dropped without archive", { taskIds, error: errorText(error) });
  }
  const serials = tasks.map(({ serial }) => serial);
  post({ type: "archived", serials, ...momentOf(clock) });
}
