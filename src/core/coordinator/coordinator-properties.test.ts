// What holds for the coordinator's machine whatever happens to it, in whatever order: answers that
// were never asked for, late and repeated ones, agents that make up workers, restarts.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { TaskStateName } from "../task-state.ts";
import type { WorkerState } from "../worker-state.ts";
import { CoordinatorDriver, reported, spec } from "./coordinator-driver.suite.ts";

type Action = (driver: CoordinatorDriver) => void;

const taskId = fc.constantFrom("a", "b", "c");
const node = fc.constantFrom("n1", "n2");
const code = fc.constantFrom(undefined, undefined, "unavailable", "conflict", "timeout" as const);

interface Report {
  readonly state: WorkerState["state"];
  readonly status: string;
  readonly error: string;
}

/** What a node says of a worker; undefined: nothing. */
const report: fc.Arbitrary<Report | undefined> = fc.option(
  fc.record({
    state: fc.constantFrom("STARTING", "RUNNING", "RUNNING", "STOPPING", "DONE" as const),
    status: fc.constantFrom('"x"', '"y"'),
    error: fc.constantFrom("", "", "", "bad"),
  }),
  { nil: undefined },
);

/** Answers a poll with reports of the workers that the node may have, and of a stranger. */
function answerPoll(name: string, reports: readonly (Report | undefined)[]): Action {
  return (driver) => {
    const known = [...driver.state.workers.values()].filter((worker) => worker.node === name);
    const workers = [...known, { id: 99n, taskId: "stranger" }].flatMap(
      ({ id, taskId: of }, at) => {
        const told = reports[at % reports.length];
        return told === undefined
          ? []
          : [[id, reported(told.state, { ...told, taskId: of })] as const];
      },
    );
    driver.polled(name, workers);
  };
}

/** Answers a call that is under way, or one that nobody made. */
const answerCall = fc.tuple(node, fc.nat(20), code).map(
  ([name, pick, refused]): Action =>
    (driver) => {
      const inFlight = [...driver.state.nodes.get(name)!.inFlight, "create 1", "stop 2"];
      const [call, id] = inFlight[pick % inFlight.length]!.split(" ");
      driver.called(call as "create", name, BigInt(id!), refused);
    },
);

const actions: fc.Arbitrary<Action> = fc.oneof(
  fc.tuple(taskId, fc.nat(2000), fc.nat(3000)).map(
    ([id, startMs, durationMs]): Action =>
      (driver) => {
        driver.create(id, spec(startMs, durationMs));
      },
  ),
  taskId.map(
    (id): Action =>
      (driver) =>
        driver.found(["n1", "n2"], "", id),
  ),
  fc.tuple(fc.subarray(["n1", "n2", "zz"]), taskId).map(
    ([nodes, id]): Action =>
      (driver) =>
        driver.found(nodes, "", id),
  ),
  fc
    .tuple(node, fc.array(report, { minLength: 1, maxLength: 4 }))
    .map(([name, reports]) => answerPoll(name, reports)),
  fc
    .tuple(node, fc.array(report, { minLength: 1, maxLength: 4 }))
    .map(([name, reports]) => answerPoll(name, reports)),
  answerCall,
  answerCall,
  taskId.map(
    (id): Action =>
      (driver) =>
        void driver.stop(id),
  ),
  taskId.map(
    (id): Action =>
      (driver) =>
        void driver.stop(id),
  ),
  fc.oneof(
    taskId.map(
      (id): Action =>
        (driver) =>
          void driver.destroy(id),
    ),
    node.map(
      (name): Action =>
        (driver) =>
          driver.pollFailed(name),
    ),
    fc.constantFrom(1, 500, 70_000).map(
      (ms): Action =>
        (driver) =>
          driver.pass(ms),
    ),
    fc.constant<Action>((driver) => driver.restart()),
    fc.constant<Action>((driver) => void driver.send({ type: "archived", serials: [1, 2] })),
  ),
);

function run(sequence: readonly Action[], check: (driver: CoordinatorDriver) => void): void {
  const options = { retainTasks: 2, listedWorkersMax: 1, callsMax: 2, forgottenMax: 2 };
  const driver = new CoordinatorDriver(options);
  for (const action of sequence) {
    action(driver);
    check(driver);
  }
}

const sequences = fc.array(actions, { minLength: 10, maxLength: 80 });
const runs = { numRuns: 300 };

describe("whatever happens", () => {
  test("the indexes agree with the records", () => {
    fc.assert(
      fc.property(sequences, (sequence) =>
        run(sequence, ({ state }) => {
          const counts = { PENDING: 0, RUNNING: 0, STOPPING: 0, DONE: 0 };
          for (const task of state.tasks.values()) counts[task.state] += 1;
          expect(state.counts).toEqual(counts);
          for (const { name, open } of state.nodes.values()) {
            const expected = [...state.workers.values()].filter(
              (worker) =>
                worker.node === name && (worker.phase !== "DONE" || worker.wanted === "forget"),
            );
            expect([...open].sort()).toEqual(expected.map(({ id }) => id).sort());
          }
          for (const task of state.tasks.values()) {
            const phases = task.workers.map(([, id]) => state.workers.get(id)?.phase);
            expect(phases).not.toContain(undefined);
            expect(task.activeWorkers).toBe(phases.filter((phase) => phase !== "DONE").length);
            const isActive = task.state === "RUNNING" || task.state === "STOPPING";
            expect(isActive).toBe(task.activeWorkers > 0);
          }
          expect(state.finished.size).toBe(counts.DONE);
          expect(counts.DONE).toBeLessThanOrEqual(2);
          expect(state.forgotten.size).toBeLessThanOrEqual(2);
        }),
      ),
      runs,
    );
  });

  test("a task never goes back, and what is DONE stays as it is", () => {
    const order: TaskStateName[] = ["PENDING", "RUNNING", "STOPPING", "DONE"];
    fc.assert(
      fc.property(sequences, (sequence) => {
        const seen = new Map<number, { state: TaskStateName; text: string }>();
        run(sequence, (driver) => {
          // After a restart serials of tasks that are gone may be given again.
          const serials = [...driver.state.tasks.values()].map(({ serial }) => serial);
          for (const gone of [...seen.keys()].filter((each) => !serials.includes(each))) {
            seen.delete(gone);
          }
          for (const task of driver.state.tasks.values()) {
            const before = seen.get(task.serial);
            const shown = driver.task(task.id)!;
            const text = `${task.state} ${shown.status} ${task.error} ${task.doneMs}`;
            if (before !== undefined) {
              expect(order.indexOf(task.state)).toBeGreaterThanOrEqual(order.indexOf(before.state));
              if (before.state === "DONE") expect(text).toBe(before.text);
            }
            seen.set(task.serial, { state: task.state, text });
          }
        });
      }),
      runs,
    );
  });

  test("a restart changes no task, and every worker that is not over stays known", () => {
    fc.assert(
      fc.property(sequences, (sequence) =>
        run(sequence, (driver) => {
          const tasks = () => [...driver.state.tasks.values()].sort((a, b) => a.serial - b.serial);
          const workers = () =>
            [...driver.state.workers.values()]
              .map(({ id, wanted, phase, error }) => {
                // What is to be forgotten is stopped and deleted again, whether it is over or not.
                if (wanted === "forget") return [id, wanted, false, ""];
                const isDone = phase === "DONE";
                return [id, isDone && wanted === "stop" ? "run" : wanted, isDone, error];
              })
              .sort();
          const before = [tasks(), workers()];
          driver.restart();
          expect([tasks(), workers()]).toEqual(before);
        }),
      ),
      { numRuns: 150 },
    );
  });

  test("enough happens to see something", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(sequences, (sequence) =>
        run(sequence, ({ state }) => {
          const phases = [...state.workers.values()].map(({ phase }) => phase);
          const states = [...state.tasks.values()].map(({ state: name }) => `task ${name}`);
          for (const name of [...phases, ...states]) seen.set(name, (seen.get(name) ?? 0) + 1);
        }),
      ),
      runs,
    );
    const phases = ["UNSENT", "SENT", "STARTING", "RUNNING", "STOPPING", "DONE"];
    const rare = [...phases, "task RUNNING", "task STOPPING", "task DONE"].filter(
      (name) => (seen.get(name) ?? 0) < 20,
    );
    expect(rare).toEqual([]);
  });

  test("an id of a worker is given once, and a worker has one create under way at most", () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        let lastId = -1n;
        run(sequence, (driver) => {
          const ids = [...driver.state.workers.keys()];
          for (const id of ids) expect(id).toBeLessThan(driver.state.nextWorkerId);
          expect(driver.state.nextWorkerId).toBeGreaterThan(lastId);
          lastId = driver.state.nextWorkerId - 1n;
          const creates = driver.calls().filter((each) => each.startsWith("create"));
          expect(new Set(creates).size).toBe(creates.length);
          for (const { inFlight } of driver.state.nodes.values()) {
            expect(inFlight.size).toBeLessThanOrEqual(2);
          }
        });
      }),
      runs,
    );
  });
});
