// The loop around a state machine: takes events in batches, steps them all, commits all changes at
// once, and only then performs the effects, answers included. One sync serves everything that
// arrived during the one before. Between events one timer waits for the machine's next due time.
// A failed commit ends the daemon: nobody knows what the store holds then.

import type { PlantedBugs } from "../core/planted-bugs.ts";
import type { RowUpdate } from "../core/row-change.ts";
import type { Clock } from "../platform/clock/clock.ts";
import type { Store } from "../platform/store/store.ts";
import { type CommitFigures, createCommitFigures } from "./commit-figures.ts";

export interface Machine<Event, Effect> {
  step(event: Event): {
    readonly effects: readonly Effect[];
    readonly changes: readonly RowUpdate[];
  };
  /** How long nothing is due; Infinity when only events make work. */
  waitMs(): number;
  /** The event that says that time has passed. */
  tick(): Event;
  /** Never throws; what it starts answers with events. */
  perform(effect: Effect): void;
}

export interface MachineLoop<Event> {
  /** Takes an event; after the end it is dropped. */
  post(event: Event): void;
  /** Arms the timer for the first time. */
  start(): void;
  /** Performs what was posted so far and ends. */
  end(): Promise<void>;
  /** Resolves at the end; rejects when the store failed. */
  readonly ended: Promise<void>;
  readonly figures: CommitFigures;
}

export interface MachineLoopOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly plantedBugs: PlantedBugs;
}

/** Events of one commit, so that a flood of them cannot delay the answers for long. */
const batchMax = 1000;

/** Due times on the wall clock are looked at this often, because that clock may be set. */
const waitMsMax = 1000;

export function createMachineLoop<Event, Effect extends { readonly type: string }>(
  machine: Machine<Event, Effect>,
  { store, clock, plantedBugs }: MachineLoopOptions,
): MachineLoop<Event> {
  const queue: Event[] = [];
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  // Whoever waits for the end sees the failure; nobody has to.
  ended.catch(() => {});
  const figures = createCommitFigures();
  let isRunning = false;
  let isEnding = false;
  let timer: { readonly dueMs: number; readonly cancel: AbortController } | undefined;

  const monotonicMs = () => clock.nowUs() / 1000;

  async function run(): Promise<void> {
    try {
      // What is posted in the same turn belongs to the same batch.
      await Promise.resolve();
      while (queue.length > 0) await takeBatch();
      isRunning = false;
      if (isEnding) finish(resolve);
      else arm();
    } catch (error) {
      isEnding = true;
      finish(() => reject(error));
    }
  }

  async function takeBatch(): Promise<void> {
    const effects: Effect[] = [];
    const rows = new Map<string, RowUpdate>();
    for (const event of queue.splice(0, batchMax)) {
      const step = machine.step(event);
      for (const effect of step.effects) effects.push(effect);
      for (const row of step.changes) rows.set(`${row.table} ${row.key}`, row);
    }
    const early = earlyEffects(effects, plantedBugs);
    for (const effect of early) machine.perform(effect);
    if (rows.size > 0) {
      const startUs = clock.nowUs();
      await store.commit([...rows.values()]);
      figures.add(rows.size, (clock.nowUs() - startUs) / 1000);
    }
    for (const effect of effects) if (!early.has(effect)) machine.perform(effect);
  }

  function arm(): void {
    const waitMs = Math.min(machine.waitMs(), waitMsMax);
    const isNever = machine.waitMs() === Number.POSITIVE_INFINITY;
    const dueMs = isNever ? Number.POSITIVE_INFINITY : monotonicMs() + waitMs;
    if (isNever || (timer !== undefined && timer.dueMs <= dueMs)) return;
    timer?.cancel.abort("armed anew");
    const armed = { dueMs, cancel: new AbortController() };
    timer = armed;
    void clock.sleep(Math.ceil(waitMs), armed.cancel.signal).then(() => {
      if (timer !== armed) return;
      timer = undefined;
      post(machine.tick());
    });
  }

  function post(event: Event): void {
    if (isEnding) return;
    queue.push(event);
    if (isRunning) return;
    isRunning = true;
    void run();
  }

  function finish(settle: () => void): void {
    timer?.cancel.abort("armed anew");
    timer = undefined;
    settle();
  }

  return {
    post,
    start: arm,
    end() {
      if (!isEnding) {
        isEnding = true;
        if (!isRunning) finish(resolve);
      }
      return ended;
    },
    ended,
    figures,
  };
}

/** What must not happen before the commit, and does when the simulator asks for it. */
function earlyEffects<Effect extends { readonly type: string }>(
  effects: readonly Effect[],
  plantedBugs: PlantedBugs,
): ReadonlySet<Effect> {
  const early = new Set<Effect>();
  for (const effect of plantedBugs.size === 0 ? [] : effects) {
    const isAnswer = effect.type === "answer";
    const bug = isAnswer ? "acknowledgeBeforeSync" : "effectBeforePersist";
    if (effect.type !== "show" && plantedBugs.has(bug)) early.add(effect);
  }
  return early;
}
