// What holds for the agent's machine whatever happens to it: requests of several callers that come
// twice or late, runners that tell more than they should, crashes.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { noPlantedBugs } from "../planted-bugs.ts";
import type { Row, RowUpdate } from "../row-change.ts";
import type { AgentEffect, AgentEvent } from "./agent-events.ts";
import { recoverAgent } from "./agent-recovery.ts";
import { agentDefaults } from "./agent-state.ts";
import { agentStep, agentWaitMs } from "./agent-step.ts";
import { workerStateOf } from "./worker-transitions.ts";

type Happening = { readonly type: string; readonly [member: string]: unknown };

const spec = { className: "C", startMs: 0n, durationMs: 5000, text: "{}" };
const workerId = fc.bigInt(1n, 3n);
const coordinatorId = fc.constantFrom("", "c1", "c1", "c2");
const create = fc.record({
  type: fc.constant("createWorker"),
  workerId,
  coordinatorId,
  taskId: fc.constantFrom("t", "t", "t", "u"),
  spec: fc.constant(spec),
});
const happenings: fc.Arbitrary<Happening> = fc.oneof(
  create,
  create,
  fc.record({ type: fc.constantFrom("stopWorker", "destroyWorker"), workerId, coordinatorId }),
  fc.record({ type: fc.constant("workerStarted"), workerId }),
  fc.record({ type: fc.constant("workerStatus"), workerId, status: fc.constantFrom("1", "2") }),
  fc.record({ type: fc.constant("workerEnded"), workerId, error: fc.constantFrom("", "bad") }),
  fc.record({ type: fc.constant("tick"), passMs: fc.constantFrom(1, 400, 2000) }),
  fc.constant({ type: "agentPolled" }),
  fc.constant({ type: "crash" }),
);

/** Plays what happens; `look` sees each step's effects and the machine behind it. */
function play(sequence: readonly Happening[], look: (world: World) => void): void {
  const world = new World();
  for (const happening of sequence) {
    world.take(happening);
    look(world);
  }
}

class World {
  nowMs = 0;
  requests = 0;
  readonly rows = new Map<string, Row>();
  state = this.recover();
  effects: readonly AgentEffect[] = [];
  happening: Happening = { type: "none" };
  /** Each start since the last crash, and before it. */
  readonly starts: bigint[] = [];
  readonly answers: number[] = [];

  take(happening: Happening): void {
    this.happening = happening;
    this.effects = [];
    if (happening.type === "crash") {
      this.state = this.recover();
      return;
    }
    this.nowMs += Number(happening["passMs"] ?? 0);
    const moment = { nowMs: this.nowMs, monotonicMs: this.nowMs };
    const request = ++this.requests;
    const shown = new Map([...this.state.workers].map(([id, each]) => [id, workerStateOf(each)]));
    const event = { ...happening, ...moment, request, shown } as unknown as AgentEvent;
    const step = agentStep(this.state, event);
    this.keep(step.changes);
    this.effects = step.effects;
    for (const effect of step.effects) {
      if (effect.type === "startWorker") this.starts.push(effect.workerId);
      if (effect.type === "answer") this.answers.push(effect.request);
    }
  }

  private recover() {
    const moment = { nowMs: this.nowMs, monotonicMs: this.nowMs };
    const options = { ...agentDefaults, finishedMax: 1, tombstonesMax: 2, deadManMs: 3000 };
    const rows = [...this.rows.values()];
    const recovered = recoverAgent(rows, { ...options, plantedBugs: noPlantedBugs }, moment);
    this.keep(recovered.changes);
    return recovered.state;
  }

  private keep(changes: readonly RowUpdate[]): void {
    for (const { table, key, value } of changes) {
      if (value === undefined) this.rows.delete(`${table} ${key}`);
      else this.rows.set(`${table} ${key}`, { table, key, value });
    }
  }
}

const sequences = fc.array(happenings, { minLength: 5, maxLength: 60 });
const runs = { numRuns: 300 };

describe("whatever happens", () => {
  test("the indexes and the disk agree with the workers, and bounds are kept", () => {
    fc.assert(
      fc.property(sequences, (sequence) =>
        play(sequence, ({ state, rows, nowMs }) => {
          const workers = [...state.workers.values()];
          const ids = (isDone: boolean) =>
            workers.filter((worker) => (worker.state === "DONE") === isDone).map(({ id }) => id);
          expect([...state.active].sort()).toEqual(ids(false).sort());
          expect([...state.finished.keys()].sort()).toEqual(ids(true).sort());
          const stored = [...rows.values()].filter(({ table }) => table === "worker");
          expect(stored.map(({ key }) => key).sort()).toEqual(
            workers.map(({ id }) => `${id}`).sort(),
          );
          expect(state.tombstones.size).toBeLessThanOrEqual(2);
          for (const id of state.waiting.keys()) {
            expect(state.workers.get(id)?.state).toBe("STARTING");
          }
          expect(agentWaitMs(state, nowMs)).toBeGreaterThanOrEqual(0);
        }),
      ),
      runs,
    );
  });

  test("a worker that is known, or that its coordinator has ended, is not started", () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        let known = new Set<bigint>();
        let buried = new Map<bigint, string>();
        play(sequence, ({ state, effects, happening }) => {
          for (const effect of effects) {
            if (effect.type !== "startWorker") continue;
            expect(known.has(effect.workerId)).toBeFalse();
            expect(buried.get(effect.workerId)).not.toBe(happening["coordinatorId"] as string);
          }
          known = new Set(state.workers.keys());
          buried = new Map([...state.tombstones].map(([id, { coordinatorId: by }]) => [id, by]));
        });
      }),
      runs,
    );
  });

  test("what is DONE stays as it is until it leaves, also across a crash", () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        let before = new Map<bigint, string>();
        play(sequence, ({ state }) => {
          const now = new Map<bigint, string>();
          for (const { id, ...worker } of state.workers.values()) {
            if (worker.state !== "DONE") {
              expect(before.has(id)).toBeFalse();
              continue;
            }
            const text = `${worker.doneMs} ${worker.error} ${worker.status}`;
            expect(before.get(id) ?? text).toBe(text);
            now.set(id, text);
          }
          before = now;
        });
      }),
      runs,
    );
  });

  test("after a crash nothing is active, and nothing is answered twice", () => {
    fc.assert(
      fc.property(sequences, (sequence) =>
        play(sequence, ({ state, happening, answers }) => {
          if (happening.type === "crash") expect(state.active.size).toBe(0);
          expect(new Set(answers).size).toBe(answers.length);
        }),
      ),
      runs,
    );
  });
});
