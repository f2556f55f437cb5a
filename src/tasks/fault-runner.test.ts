// The life of a fault in the runner, with a fault that notes what is done to it.

import { describe, expect, test } from "bun:test";
import { silentLog } from "../platform/log/log.ts";
import type { UndoEntry, UndoJournal } from "../platform/undo-journal/undo-journal.ts";
import { defineFault, type FaultNode } from "./define-fault.ts";
import type { FaultHost, FaultStep, StatusJson, WorkerContext } from "./define-task.ts";
import { faultWorker, probeEveryMs } from "./fault-runner.ts";

const words = {
  applying: () => "applying",
  applied: () => "applied",
  undoing: () => "undoing",
  undone: () => "undone",
};

interface Scene {
  /** Step by step, in order. */
  readonly events: string[];
  readonly statuses: StatusJson[];
  readonly stop: AbortController;
  run(): Promise<void>;
  /** Someone else undid it. */
  markUndone(): void;
  probeAnswer: string;
  undoFailures: number;
  undoEnds: Promise<void>;
  isDiskFull: boolean;
  standing: readonly UndoEntry[];
  isAlone: boolean;
  /** The longest waits do not end. */
  isPatient: boolean;
  onStep: (step: FaultStep) => void;
  onGuard: () => void;
  bootTimeUs: number;
}

function scene(): Scene {
  const events: string[] = [];
  const statuses: StatusJson[] = [];
  const stop = new AbortController();
  let isStanding = true;
  const journal: UndoJournal = {
    async write({ id, endUs, isLeft }: UndoEntry) {
      if (self.isDiskFull) throw new Error("no space left");
      events.push(`journal ${id} ${endUs}${isLeft === true ? " left" : ""}`);
    },
    remove: async (id) => void events.push(`forget ${id}`),
    markUndone: async () => {},
    stands: async () => isStanding,
    entries: async () => self.standing.map((one) => ({ ...one, owner, isUndone: false })),
    problems: async () => [],
  };
  const host: FaultHost = {
    node: {} as FaultNode,
    journal,
    guard: {
      watchFault(id, endUs) {
        self.onGuard();
        events.push(`guard ${id} ${endUs}`);
      },
      forgetFault: (id) => events.push(`guard forgets ${id}`),
    },
    atStep: async (step) => self.onStep(step),
    bootTimeUs: () => self.bootTimeUs,
  };
  const fault = defineFault<unknown, string>({
    plan: async () => "plan",
    steps: () => ({ targets: [], apply: [], undo: [] }),
    apply: async () => void events.push("apply"),
    probe: async () => self.probeAnswer,
    async undo() {
      events.push("undo");
      await self.undoEnds;
      self.undoFailures -= 1;
      if (self.undoFailures >= 0) throw new Error("it is locked");
    },
    words,
  });
  const context = {
    taskId: "t",
    workerId: 7n,
    signal: stop.signal,
    log: silentLog,
    clock: {
      nowMs: () => 0,
      nowUs: () => 0,
      async sleep(durationMs: number) {
        if (durationMs > probeEveryMs && self.isPatient) await new Promise(() => {});
        if (durationMs === probeEveryMs) events.push("look");
        if (events.filter((event) => event === "look").length === 2) stop.abort("expired");
      },
    },
    faultHost: host,
    report: (status: StatusJson) => void statuses.push(status),
  } as unknown as WorkerContext;
  const spec = { class: "X", startMs: 0n, durationMs: 2000 };
  const self: Scene = {
    events,
    statuses,
    stop,
    async run() {
      const one = self.isAlone ? { ...fault, isAlone: true as const } : fault;
      await faultWorker(async () => one)(spec, context);
    },
    markUndone: () => {
      isStanding = false;
    },
    probeAnswer: "",
    undoFailures: 0,
    undoEnds: Promise.resolve(),
    isDiskFull: false,
    standing: [],
    isAlone: false,
    isPatient: false,
    onStep: () => {},
    onGuard: () => {},
    bootTimeUs: 1_000_000,
  };
  return self;
}

const owner = { bootId: "boot", networkNamespace: "net:[1]", pid: 1, startTicks: 1 };
const other = { id: "u/8", taskId: "u", workerId: "8", className: "X", plan: "{}", endUs: 9 };

const journalled = ["journal t/7 3000000", "guard t/7 3000000"];
const forgotten = ["forget t/7", "guard forgets t/7"];

describe("a fault", () => {
  test("is in the journal and known to the guard before it is applied", async () => {
    const one = scene();
    await one.run();
    expect(one.events).toEqual([...journalled, "apply", "look", "look", "undo", ...forgotten]);
    expect(one.statuses).toEqual(["applying", "applied", "undoing", "undone"]);
  });

  test("that is stopped before it began changes nothing", async () => {
    const one = scene();
    one.stop.abort("stopped");
    await one.run();
    expect(one.events).toEqual([...journalled, "undo", ...forgotten]);
  });

  test("without effect fails, and is undone", async () => {
    const one = scene();
    one.probeAnswer = "expected a rule, found none";
    await expect(one.run()).rejects.toThrow("has no effect: expected a rule, found none");
    expect(one.events).toEqual([...journalled, "apply", "undo", ...forgotten]);
  });

  test("is tried to be undone three times, and then left to the guard", async () => {
    const one = scene();
    one.undoFailures = 3;
    await expect(one.run()).rejects.toThrow("it is locked");
    const undoing = ["undo", "undo", "undo", "journal t/7 1000000 left", "guard t/7 1000000"];
    expect(one.events).toEqual([...journalled, "apply", "look", "look", ...undoing]);
  });

  test("is left to the guard for its own end when that cannot be noted", async () => {
    const one = scene();
    one.undoFailures = 3;
    one.onStep = (step) => {
      one.isDiskFull = step === "applied";
    };
    await expect(one.run()).rejects.toThrow("it is locked");
    expect(one.events.slice(-2)).toEqual(["undo", "guard t/7 3000000"]);
  });

  test("whose undo hangs is left to the guard", async () => {
    const one = scene();
    one.undoEnds = new Promise(() => {});
    await expect(one.run()).rejects.toThrow("it has not ended after 60 s");
    expect(one.events.slice(-3)).toEqual(["undo", "journal t/7 1000000 left", "guard t/7 1000000"]);
  });

  test.each([2_900_000, 3_900_000])(
    "tells the guard that its undo is under way, so that nobody else begins one, at %d us",
    async (undoneFromUs) => {
      const one = scene();
      const told = Promise.withResolvers<void>();
      one.isPatient = true;
      one.onStep = (step) => {
        if (step !== "applied") return;
        one.bootTimeUs = undoneFromUs;
        one.undoEnds = told.promise;
        // It is told before the undo begins, and again while that lasts.
        one.onGuard = () => {
          if (one.events.includes("undo")) told.resolve();
        };
      };
      await one.run();
      const fromUndo = new Set(one.events.slice(one.events.indexOf("undo") - 1));
      expect([...fromUndo]).toEqual([`guard t/7 ${undoneFromUs}`, "undo", ...forgotten]);
    },
  );

  test("is undone when the guard is gone and none can be started", async () => {
    const one = scene();
    one.onStep = (step) => {
      if (step !== "applied") return;
      one.bootTimeUs = 2_900_000;
      one.onGuard = () => {
        throw new Error("no guard can be started");
      };
    };
    await one.run();
    expect(one.events).toEqual([...journalled, "apply", "look", "look", "undo", ...forgotten]);
  });

  test("tells why its undo fails also when no guard takes it over", async () => {
    const one = scene();
    one.undoFailures = 3;
    one.onStep = (step) => {
      if (step !== "applied") return;
      one.onGuard = () => {
        throw new Error("no guard can be started");
      };
    };
    await expect(one.run()).rejects.toThrow("it is locked");
    expect(one.events.at(-1)).toBe("journal t/7 1000000 left");
  });

  test("that bears no other one of its kind is not begun beside one", async () => {
    const one = scene();
    one.isAlone = true;
    one.standing = [{ ...other, className: "Y" }, other];
    await expect(one.run()).rejects.toThrow("task u is such a fault of this node already");
    expect(one.events).toEqual([]);
    one.standing = [{ ...other, className: "Y" }];
    await one.run();
    expect(one.events).toContain("apply");
  });

  test("is not begun when its undo cannot be noted", async () => {
    const one = scene();
    one.isDiskFull = true;
    await expect(one.run()).rejects.toThrow("no space left");
    expect(one.events).toEqual([]);
  });

  test.each([
    ["journalled", []],
    ["applied", ["apply"]],
  ] as const)("that was undone for it when it was %s is not held", async (step, applied) => {
    const one = scene();
    one.onStep = (reached) => {
      if (reached === step) one.markUndone();
    };
    await expect(one.run()).rejects.toThrow("the guard undid the fault in its place");
    expect(one.events).toEqual([...journalled, ...applied, "undo", ...forgotten]);
    expect(one.statuses).not.toContain("undone");
  });

  test("that held longer than asked does not pass for a success", async () => {
    const one = scene();
    one.onStep = (step) => {
      if (step === "applied") one.bootTimeUs = 4_500_000;
    };
    await expect(one.run()).rejects.toThrow("the fault held 1.5 s longer than asked");
    expect(one.events).toEqual([...journalled, "apply", "look", "look", "undo", ...forgotten]);
  });

  test("is not applied without a guard, and leaves nothing in the journal", async () => {
    const one = scene();
    one.onGuard = () => {
      throw new Error("no guard can be started");
    };
    await expect(one.run()).rejects.toThrow("no guard can be started");
    expect(one.events).toEqual([journalled[0]!, "undo", ...forgotten]);
  });

  test("keeps the first error when undoing fails too", async () => {
    const one = scene();
    one.probeAnswer = "nothing is there";
    one.undoFailures = 3;
    const both = "nothing is there; and undoing it failed: it is locked";
    await expect(one.run()).rejects.toThrow(both);
  });
});
