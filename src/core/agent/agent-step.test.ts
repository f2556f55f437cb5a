// The agent's machine beyond the reference's cases: late and repeated messages, crashes, silence,
// shutdown and bounds.

import { describe, expect, test } from "bun:test";
import { noPlantedBugs, type PlantedBug } from "../planted-bugs.ts";
import type { Row } from "../row-change.ts";
import type { SpecData } from "../spec-data.ts";
import type { WorkerState } from "../worker-state.ts";
import type { AgentEffect, AgentEvent } from "./agent-events.ts";
import { recoverAgent } from "./agent-recovery.ts";
import { type AgentOptions, type AgentState, agentDefaults } from "./agent-state.ts";
import { agentStep, agentWaitMs } from "./agent-step.ts";
import { workerStateOf } from "./worker-transitions.ts";

function spec(startMs = 0, durationMs = 10_000): SpecData {
  const text = `{"class":"C","startMs":${startMs},"durationMs":${durationMs}}`;
  return { className: "C", startMs: BigInt(startMs), durationMs, text };
}

class Driver {
  nowMs = 1000;
  monotonicMs = 0;
  state: AgentState;
  effects: readonly AgentEffect[] = [];
  readonly rows = new Map<string, Row>();
  private requests = 0;
  private readonly options: AgentOptions;

  constructor(options: Partial<AgentOptions> = {}, bug?: PlantedBug) {
    const plantedBugs = bug === undefined ? noPlantedBugs : new Set([bug]);
    this.options = { ...agentDefaults, plantedBugs, ...options };
    this.state = this.recover();
  }

  send(event: object): void {
    const { nowMs, monotonicMs } = this;
    const step = agentStep(this.state, { ...event, nowMs, monotonicMs } as unknown as AgentEvent);
    this.effects = step.effects;
    for (const { table, key, value } of step.changes) {
      if (value === undefined) this.rows.delete(`${table} ${key}`);
      else this.rows.set(`${table} ${key}`, { table, key, value });
    }
  }

  ask(type: string, workerId: bigint, coordinatorId = "", more: object = {}): number {
    const request = ++this.requests;
    this.send({ type, workerId, coordinatorId, request, ...more });
    return request;
  }

  create(workerId = 1n, coordinatorId = "", asked = spec(), taskId = "t"): number {
    return this.ask("createWorker", workerId, coordinatorId, { taskId, spec: asked });
  }

  /** A worker that runs. */
  run(workerId = 1n, coordinatorId = "", asked = spec()): void {
    this.create(workerId, coordinatorId, asked);
    this.send({ type: "workerStarted", workerId });
  }

  end(workerId = 1n, error = ""): void {
    this.send({ type: "workerEnded", workerId, error });
  }

  /** Answers the workers as they are on disk, or as they were when `shown` was taken. */
  polled(shown = this.shown()): void {
    this.send({ type: "agentPolled", shown });
  }

  shown(): ReadonlyMap<bigint, WorkerState> {
    return new Map([...this.state.workers].map(([id, worker]) => [id, workerStateOf(worker)]));
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.monotonicMs += ms;
    this.send({ type: "tick" });
  }

  /** What the last event made: `answer 1`, `stopWorker 1 expired`. */
  done(): string[] {
    return this.effects.flatMap((effect) => {
      switch (effect.type) {
        case "answer":
          return `answer ${effect.request}${effect.refusal === undefined ? "" : " refused"}`;
        case "stopWorker":
          return `stopWorker ${effect.workerId} ${effect.reason}`;
        case "startWorker":
          return `startWorker ${effect.workerId}`;
        case "finished":
          return "finished";
        default:
          return [];
      }
    });
  }

  worker(workerId = 1n) {
    const worker = this.state.workers.get(workerId);
    return worker === undefined ? undefined : workerStateOf(worker);
  }

  restart(): readonly bigint[] {
    this.monotonicMs = 0;
    const before = this.state;
    this.state = this.recover();
    expect(this.state).not.toBe(before);
    return this.restarted;
  }

  private restarted: readonly bigint[] = [];

  private recover(): AgentState {
    const moment = { nowMs: this.nowMs, monotonicMs: this.monotonicMs };
    const recovered = recoverAgent([...this.rows.values()], this.options, moment);
    this.restarted = recovered.restarted.map(({ id }) => id);
    for (const { table, key, value } of recovered.changes) {
      if (value === undefined) this.rows.delete(`${table} ${key}`);
      else this.rows.set(`${table} ${key}`, { table, key, value });
    }
    return recovered.state;
  }
}

describe("creating a worker", () => {
  test("stores it before it starts and answers when it has started", () => {
    const agent = new Driver();
    const request = agent.create();
    expect([[...agent.rows.keys()], agent.done()]).toEqual([["worker 1"], ["startWorker 1"]]);
    agent.send({ type: "workerStarted", workerId: 1n });
    expect(agent.done()).toEqual([`answer ${request}`]);
  });

  test("starts it once for any number of creates at the same time", () => {
    const agent = new Driver();
    const first = agent.create();
    const second = agent.create();
    expect(agent.done()).toEqual([]);
    agent.send({ type: "workerStarted", workerId: 1n });
    expect(agent.done()).toEqual([`answer ${first}`, `answer ${second}`]);
    const third = agent.create();
    expect(agent.done()).toEqual([`answer ${third}`]);
  });

  test("answers also when the start fails", () => {
    const agent = new Driver();
    const request = agent.create();
    agent.end(1n, "no such device");
    expect(agent.done()).toEqual([`answer ${request}`]);
    expect(agent.worker()).toMatchObject({ state: "DONE", error: "no such device" });
  });

  test("answers when it is stopped during its start, and takes its end once", () => {
    const agent = new Driver();
    const request = agent.create();
    const stop = agent.ask("stopWorker", 1n);
    expect(agent.done()).toEqual(["stopWorker 1 stopped", `answer ${request}`, `answer ${stop}`]);
    expect(agent.worker()).toMatchObject({ state: "STOPPING", startedMs: 1000, status: "null" });
    agent.send({ type: "workerStarted", workerId: 1n });
    expect(agent.worker()?.state).toBe("STOPPING");
    agent.end(1n, "start failed");
    expect(agent.worker()).toMatchObject({ state: "DONE", error: "start failed" });
    agent.end(1n, "again");
    expect(agent.worker()).toMatchObject({ error: "start failed" });
  });

  test("that comes again with its maps in another order is the same", () => {
    const agent = new Driver();
    const withConf = (conf: string): SpecData => {
      const plain = spec();
      return { ...plain, text: `${plain.text.slice(0, -1)},"conf":{${conf}}}` };
    };
    agent.run(1n, "", withConf('"a":"1","b":"2"'));
    const same = agent.create(1n, "", withConf('"b":"2","a":"1"'));
    expect(agent.done()).toEqual([`answer ${same}`]);
    const other = agent.create(1n, "", withConf('"b":"1","a":"2"'));
    expect(agent.done()).toEqual([`answer ${other} refused`]);
  });

  test("is refused after a shutdown", () => {
    const agent = new Driver();
    agent.send({ type: "shutdown" });
    const request = agent.create();
    expect(agent.done()).toEqual([`answer ${request} refused`]);
  });
});

describe("a worker's end", () => {
  test("comes at startMs + durationMs, whenever the create came", () => {
    const agent = new Driver();
    agent.run(1n, "", spec(500, 4500));
    expect(agentWaitMs(agent.state, agent.monotonicMs)).toBe(4000);
    agent.pass(3999);
    expect(agent.done()).toEqual([]);
    agent.pass(1);
    expect(agent.done()).toEqual(["stopWorker 1 expired"]);
    agent.end();
    expect(agent.worker()).toMatchObject({ state: "DONE", doneMs: 5000, error: "" });
  });

  test("does not move with the wall clock", () => {
    const agent = new Driver();
    agent.run(1n, "", spec(0, 5000));
    agent.nowMs += 3_600_000;
    agent.send({ type: "tick" });
    expect(agent.done()).toEqual([]);
    expect(agentWaitMs(agent.state, agent.monotonicMs)).toBe(4000);
  });

  test("that takes long is hurried by a stop and by a shutdown", () => {
    const agent = new Driver();
    agent.run();
    agent.pass(10_000);
    expect(agent.done()).toEqual(["stopWorker 1 expired"]);
    const request = agent.ask("stopWorker", 1n);
    expect(agent.done()).toEqual(["stopWorker 1 stopped", `answer ${request}`]);
    agent.send({ type: "shutdown" });
    expect(agent.done()).toEqual(["stopWorker 1 stopped"]);
  });

  test("is told once: a stop after it changes nothing, nor does news of unknown ones", () => {
    const agent = new Driver();
    agent.run();
    agent.end();
    const request = agent.ask("stopWorker", 1n);
    expect(agent.done()).toEqual([`answer ${request}`]);
    agent.end(99n);
    agent.send({ type: "workerStatus", workerId: 99n, status: "1" });
    expect(agent.effects).toEqual([]);
  });

  test("in the instant in which it is destroyed makes it vanish", () => {
    const agent = new Driver();
    agent.run(1n, "", spec(0, 2000));
    agent.pass(1000);
    agent.ask("destroyWorker", 1n);
    expect(agent.worker()?.state).toBe("STOPPING");
    agent.end();
    expect([agent.worker(), [...agent.rows.keys()]]).toEqual([undefined, []]);
  });
});

describe("ids that must not start anything", () => {
  test("a create behind its stop is shown as stopped before it was created", () => {
    const agent = new Driver();
    agent.ask("stopWorker", 1n, "c1");
    agent.restart();
    agent.create(1n, "c1");
    expect(agent.done()).toEqual([expect.stringMatching(/^answer \d+$/)]);
    const error = "the worker was stopped before it was created";
    expect(agent.worker()).toMatchObject({ state: "DONE", status: "null", error });
    expect([...agent.rows.keys()]).toEqual(["worker 1"]);
  });

  test("a create behind its destroy is answered and leaves nothing", () => {
    const agent = new Driver();
    agent.run(1n, "c1");
    agent.ask("destroyWorker", 1n, "c1");
    agent.end();
    agent.ask("stopWorker", 1n, "c1");
    agent.restart();
    agent.create(1n, "c1");
    expect([agent.done(), agent.worker()]).toEqual([
      [expect.stringMatching(/^answer \d+$/)],
      undefined,
    ]);
  });

  test("bind only the coordinator that used them", () => {
    const agent = new Driver();
    agent.ask("destroyWorker", 1n, "c1");
    agent.create(1n, "c2");
    expect(agent.done()).toEqual(["startWorker 1"]);
    expect([...agent.rows.keys()]).toEqual(["worker 1"]);
  });

  test("are none when somebody else stops or destroys", () => {
    const agent = new Driver();
    agent.ask("stopWorker", 1n);
    agent.ask("destroyWorker", 1n);
    agent.create(1n);
    expect(agent.done()).toEqual(["startWorker 1"]);
  });

  test("are kept up to a bound, the oldest goes, and repeating one changes nothing", () => {
    const agent = new Driver({ tombstonesMax: 2 });
    for (const id of [1n, 2n, 2n, 3n]) agent.ask("destroyWorker", id, "c1");
    expect([...agent.rows.keys()]).toEqual(["tombstone 2", "tombstone 3"]);
    agent.restart();
    expect([...agent.state.tombstones.keys()]).toEqual([2n, 3n]);
    agent.ask("destroyWorker", 4n, "c1");
    expect([...agent.state.tombstones.keys()]).toEqual([3n, 4n]);
  });
});

describe("after a crash", () => {
  test("workers that ran are over and are not started again", () => {
    const agent = new Driver();
    agent.run(1n, "c1");
    agent.send({ type: "workerStatus", workerId: 1n, status: '"half"' });
    agent.create(2n, "c1");
    agent.pass(500);
    expect(agent.restart()).toEqual([]);
    const error = "the agent restarted while this worker ran";
    const lost = { state: "DONE", startedMs: 1000, doneMs: 1500, error };
    expect([agent.worker(1n), agent.worker(2n)]).toMatchObject([lost, lost]);
    agent.create(1n, "c1");
    expect(agent.done()).toEqual([expect.stringMatching(/^answer \d+$/)]);
    agent.pass(500);
    agent.restart();
    expect(agent.worker(1n)).toMatchObject(lost);
  });

  test("finished workers are as they were, destroyed ones gone", () => {
    const agent = new Driver();
    agent.run(1n, "c1");
    agent.run(2n, "c1");
    agent.send({ type: "workerStatus", workerId: 1n, status: '"all"' });
    agent.end(1n, "boom");
    const before = agent.worker(1n)!;
    agent.ask("destroyWorker", 2n, "c1");
    agent.restart();
    expect([agent.worker(1n), agent.worker(2n)]).toEqual([before, undefined]);
    agent.create(2n, "c1");
    expect(agent.worker(2n)).toBeUndefined();
  });
});

describe("a silent coordinator", () => {
  test("stops the workers after deadManMs, with a reason", () => {
    const agent = new Driver({ deadManMs: 3000 });
    agent.run(1n, "", spec(0, 60_000));
    agent.pass(2000);
    agent.polled();
    expect(agentWaitMs(agent.state, agent.monotonicMs)).toBe(3000);
    agent.pass(2999);
    expect(agent.done()).toEqual([]);
    agent.pass(1);
    expect(agent.done()).toEqual(["stopWorker 1 stopped"]);
    agent.send({ type: "workerStatus", workerId: 1n, status: '"kept"' });
    agent.end();
    const error = "the coordinator was silent for 3 s";
    expect(agent.worker()).toMatchObject({ state: "DONE", status: '"kept"', error });
  });

  test("is nothing while no worker runs, nor without the option", () => {
    const idle = new Driver({ deadManMs: 3000 });
    idle.pass(60_000);
    expect(agentWaitMs(idle.state, idle.monotonicMs)).toBe(Number.POSITIVE_INFINITY);
    idle.run(1n, "", spec(0, 90_000));
    expect(idle.worker()?.state).toBe("RUNNING");
    const without = new Driver();
    without.run(1n, "", spec(0, 3_600_000));
    without.pass(600_000);
    expect(without.worker()?.state).toBe("RUNNING");
  });
});

describe("a shutdown", () => {
  test("stops everything and is finished when the last worker has ended", () => {
    const agent = new Driver();
    agent.run(1n);
    agent.run(2n);
    agent.send({ type: "shutdown" });
    expect(agent.done()).toEqual(["stopWorker 1 stopped", "stopWorker 2 stopped"]);
    agent.send({ type: "shutdown" });
    agent.end(1n);
    expect(agent.done()).toEqual([]);
    agent.end(2n);
    expect(agent.done()).toEqual(["finished"]);
  });

  test("of an idle agent is finished at once", () => {
    const agent = new Driver();
    agent.send({ type: "shutdown" });
    expect(agent.done()).toEqual(["finished"]);
  });
});

describe("finished workers", () => {
  test("leave beyond the bound, the oldest first, but not before they were seen", () => {
    const agent = new Driver({ finishedMax: 2 });
    for (const id of [1n, 2n, 3n]) {
      agent.run(id);
      agent.end(id);
    }
    expect([...agent.state.workers.keys()]).toEqual([1n, 2n, 3n]);
    agent.polled();
    expect([...agent.state.workers.keys()]).toEqual([2n, 3n]);
    expect([...agent.rows.keys()]).toEqual(["worker 2", "worker 3"]);
    agent.run(4n);
    agent.end(4n);
    expect([...agent.state.workers.keys()]).toEqual([3n, 4n]);
  });

  test("stay when they ended while a status was answered that shows them running", () => {
    const agent = new Driver({ finishedMax: 0 });
    agent.run(1n);
    const shown = agent.shown();
    agent.end(1n);
    agent.polled(shown);
    expect([...agent.state.workers.keys()]).toEqual([1n]);
    agent.polled();
    expect([...agent.state.workers.keys()]).toEqual([]);
  });

  test("leave beyond a higher bound although nobody asks", () => {
    const agent = new Driver({ finishedMax: 1, finishedUnseenMax: 3 });
    for (const id of [1n, 2n, 3n, 4n]) {
      agent.run(id);
      agent.end(id);
    }
    expect([...agent.state.workers.keys()]).toEqual([2n, 3n, 4n]);
  });

  test("that have left are not started again by the coordinator that created them", () => {
    const agent = new Driver({ finishedMax: 0 });
    agent.run(1n, "ours");
    agent.end(1n);
    agent.polled();
    expect([...agent.state.workers.keys()]).toEqual([]);
    agent.restart();
    agent.create(1n, "ours");
    expect(agent.done()).toEqual(["answer 2"]);
    expect(agent.worker(1n)).toMatchObject({
      state: "DONE",
      error: "the agent no longer knows how this worker ended",
    });
    agent.create(1n, "");
    expect(agent.done()).toEqual(["answer 3"]);
  });
});

describe("planted bugs", () => {
  test("restartWorkerAfterAgentRestart runs again what a crash had ended", () => {
    const agent = new Driver({}, "restartWorkerAfterAgentRestart");
    agent.run();
    expect([agent.restart(), agent.worker()?.state]).toEqual([[1n], "STARTING"]);
  });

  test("duplicateCreate starts a worker for each create", () => {
    const agent = new Driver({}, "duplicateCreate");
    agent.run();
    agent.create();
    expect(agent.done()).toEqual(["startWorker 1"]);
  });

  test("wrongClock counts the duration from the create on", () => {
    const agent = new Driver({}, "wrongClock");
    agent.run(1n, "", spec(0, 5000));
    expect(agentWaitMs(agent.state, agent.monotonicMs)).toBe(5000);
  });
});
