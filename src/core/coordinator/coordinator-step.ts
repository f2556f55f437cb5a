// The coordinator: one event in, the changed state, what to write and what to do out. It takes over
// the state it is given. See coordinator-events.ts for the words, and for each event the file that
// handles it.

import type { RowUpdate } from "../row-change.ts";
import { called } from "./call-answers.ts";
import type { CoordinatorEffect, CoordinatorEvent } from "./coordinator-events.ts";
import type { CoordinatorState } from "./coordinator-state.ts";
import { pollDueNodes, polled, pollFailed } from "./node-loop.ts";
import { dropArchived, dropOldTasks, nextDropMs } from "./retention.ts";
import { createTask, destroyTask, startDueTasks, startTask, stopTask } from "./task-requests.ts";
import { effectsOf, newTurn, type Turn } from "./turn.ts";

export interface CoordinatorStep {
  readonly state: CoordinatorState;
  readonly effects: readonly CoordinatorEffect[];
  readonly changes: readonly RowUpdate[];
}

export function coordinatorStep(state: CoordinatorState, event: CoordinatorEvent): CoordinatorStep {
  const turn = newTurn(state, { nowMs: event.nowMs, monotonicMs: event.monotonicMs });
  take(turn, event);
  dropOldTasks(turn);
  return { state, effects: effectsOf(turn), changes: turn.changes };
}

/** How long nothing is due, if nothing happens; Infinity when only events can make work. */
export function coordinatorWaitMs(state: CoordinatorState, nowMs: number, monotonicMs: number) {
  const onWallClock = Math.min(state.starts.nextDueMs(), nextDropMs(state)) - nowMs;
  return Math.max(0, Math.min(onWallClock, state.polls.nextDueMs() - monotonicMs));
}

function take(turn: Turn, event: CoordinatorEvent): void {
  switch (event.type) {
    case "createTask":
      createTask(turn, event);
      return;
    case "stopTask":
      stopTask(turn, event);
      return;
    case "destroyTask":
      destroyTask(turn, event);
      return;
    case "tick":
      startDueTasks(turn);
      pollDueNodes(turn);
      return;
    case "targetsFound":
      startTask(turn, event);
      return;
    case "polled":
      polled(turn, event);
      return;
    case "pollFailed":
      pollFailed(turn, event);
      return;
    case "called":
      called(turn, event);
      return;
    case "archived":
      dropArchived(turn, event.serials);
      return;
  }
}
