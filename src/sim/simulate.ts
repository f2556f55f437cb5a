// One simulation of a cluster from one seed: clients wish, the nemesis disturbs, then everything is
// healed and left in peace for a while, and the invariants are judged. Nothing but the seed and the
// planted bugs decides what happens.

import { noPlantedBugs, type PlantedBugs } from "../core/planted-bugs.ts";
import { violations } from "./checkers/all-checkers.ts";
import { stopBoundMs } from "./checkers/workers-end-in-time.ts";
import { type Client, everyTask, startClient } from "./client.ts";
import { type DisturbanceCounts, noDisturbances } from "./disturbances.ts";
import { type FinalState, newHistory } from "./history.ts";
import { startDaemon } from "./lives.ts";
import { disturb } from "./nemesis.ts";
import { calm, createNetwork } from "./network.ts";
import { createScheduler } from "./scheduler.ts";
import { seededRandom } from "./seeded-random.ts";
import { createTrace } from "./trace.ts";
import { coordinatorName, newAgentHost, newHost, topologyOf, type World } from "./world.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly plantedBugs?: PlantedBugs;
  /** Keeps the lines of the trace. */
  readonly keepsTrace?: boolean;
}

export interface SimulationResult {
  readonly seed: number;
  /** Empty: every invariant held. */
  readonly violations: readonly string[];
  readonly counts: DisturbanceCounts;
  readonly eventCount: number;
  readonly digest: string;
  readonly trace: readonly string[];
  readonly taskCount: number;
  readonly workerCount: number;
}

/** For clients to hear the answers that they still wait for. */
const patienceMs = 150_000;

export function simulate(options: SimulationOptions): SimulationResult {
  const world = newWorld(options);
  const { scheduler, network, history, trace, random, counts } = world;
  const hosts = [world.coordinator, ...world.agents];
  for (const host of hosts) startDaemon(world, host);
  const disturbedMs = random.fork("length").between(20_000, 100_000);
  const clients = ["alice", "bob"].map((name) => startClient(world, name, disturbedMs));
  disturb(world, disturbedMs);
  scheduler.runUntil(disturbedMs);

  network.weather = calm;
  network.healAll();
  trace.note("network", "is healed");
  for (const host of hosts) startDaemon(world, host);
  waitFor(world, clients);
  history.peaceMs = scheduler.nowMs();
  trace.note("everything", "is left in peace");
  scheduler.runUntil(scheduler.nowMs() + stopBoundMs + 5_000);
  history.final = lookAround(world);
  counts.taskArchived += history.archived.length;
  for (const host of hosts) addDiskCounts(counts, host.disk.counts);
  for (const { journalDisk } of world.agents) addDiskCounts(counts, journalDisk.counts);
  return {
    seed: options.seed,
    violations: violations(history),
    counts,
    eventCount: scheduler.eventCount,
    digest: trace.digest(),
    trace: trace.lines,
    taskCount: history.final.tasks.size,
    workerCount: history.runs.length,
  };
}

function newWorld({ seed, plantedBugs = noPlantedBugs, keepsTrace }: SimulationOptions): World {
  const random = seededRandom(seed);
  const scheduler = createScheduler();
  const counts = noDisturbances();
  const trace = createTrace({ nowMs: scheduler.nowMs, keepsLines: keepsTrace ?? false });
  const names = Array.from({ length: random.between(1, 3) }, (_, index) => `n${index}`);
  const parts = { random, scheduler };
  const deadManMs = random.chance(0.15) ? random.between(4_000, 20_000) : 0;
  if (deadManMs > 0) counts.deadManWatched += 1;
  const retention = random.fork("retention");
  const history = newHistory();
  if (retention.chance(0.3)) history.retainTasks = retention.between(1, 6);
  return {
    random,
    scheduler,
    trace,
    network: createNetwork({ scheduler, random: random.fork("network"), trace, counts }),
    counts,
    history,
    plantedBugs,
    topology: topologyOf(names),
    deadManMs,
    coordinator: newHost(coordinatorName, parts),
    agents: names.map((name) => newAgentHost(name, parts)),
  };
}

function waitFor({ scheduler, history }: World, clients: readonly Client[]): void {
  const untilMs = scheduler.nowMs() + patienceMs;
  while (clients.some((client) => client.isBusy)) {
    if (scheduler.nowMs() > untilMs) {
      history.mishaps.push("a client still waits for an answer");
      return;
    }
    scheduler.runUntil(scheduler.nowMs() + 1_000);
  }
}

function lookAround({ scheduler, coordinator, agents, history }: World): FinalState {
  const tasks = new Map(coordinator.service?.tasks(everyTask) ?? []);
  if (coordinator.service === undefined) history.mishaps.push("the coordinator does not serve");
  for (const [taskId, { state }] of tasks) {
    history.sightings.push({ atMs: scheduler.nowMs(), taskId, state });
  }
  const workers = new Map(
    agents.map(({ name, service }) => {
      if (service === undefined) history.mishaps.push(`${name} does not serve`);
      return [name, new Map(service?.status().workers ?? [])] as const;
    }),
  );
  const faults = new Map(agents.map(({ name, kernel }) => [name, new Set(kernel.keys())] as const));
  return { atMs: scheduler.nowMs(), tasks, workers, faults };
}

interface DiskCounts {
  readonly lostCommits: number;
  readonly tornCommits: number;
  readonly luckyCommits: number;
  readonly failedCommits: number;
}

function addDiskCounts(counts: DisturbanceCounts, disk: DiskCounts): void {
  counts.commitLost += disk.lostCommits;
  counts.commitTorn += disk.tornCommits;
  counts.commitLucky += disk.luckyCommits;
  counts.commitFailed += disk.failedCommits;
}
