// Disturbs the cluster for a while: bad weather on the network, partitions, daemons and machines
// that die, disks that fail, wall clocks that step. Which kinds, and how much of each, is
// different for each seed: much of one kind finds what a little of everything hides.

import { simulationStartMs } from "./host.ts";
import { type Death, isAgentHost, killDaemon, restartDaemon } from "./lives.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { simulatedSpec } from "./simulated-catalog.ts";
import { type AnyHost, coordinatorName, type World } from "./world.ts";

interface Habits {
  readonly weather: number;
  readonly partitions: number;
  readonly kills: number;
  readonly powerCuts: number;
  readonly atWrites: number;
  readonly restarts: number;
  readonly diskFailures: number;
  readonly clockSteps: number;
  readonly strangers: number;
}

/** What differs more makes workers end at another time than their task. */
const clockOffsetMsMax = 1_000;

export function disturb(world: World, untilMs: number): void {
  const random = world.random.fork("nemesis");
  const habits = newHabits(random);
  const every = (lowMs: number, highMs: number, act: () => void) => {
    const again = () => {
      if (world.scheduler.nowMs() >= untilMs) return;
      act();
      world.scheduler.after(random.between(lowMs, highMs), again);
    };
    world.scheduler.after(random.between(0, highMs), again);
  };
  every(2_000, 10_000, () => changeWeather(world, random, habits));
  every(3_000, 12_000, () => partition(world, random, habits, untilMs));
  every(1_000, 10_000, () => strike(world, random, habits));
  every(10_000, 60_000, () => createStrangely(world, random, habits));
  for (const host of [world.coordinator, ...world.agents]) {
    strikeAtWrites(world, host, habits, untilMs);
  }
}

/** What matters most is what happens between a write and its sync, and shortly after that. */
function strikeAtWrites(world: World, host: AnyHost, habits: Habits, untilMs: number): void {
  const random = world.random.fork(`writes of ${host.name}`);
  host.onWrite = () => {
    const { life } = host;
    if (world.scheduler.nowMs() > untilMs || !random.chance(habits.atWrites / 8)) return;
    const death = random.chance(0.6) ? "powerCut" : "killed";
    world.scheduler.after(random.next() ** 2 * 10, () => {
      if (life.isOver || host.life !== life) return;
      kill(world, host, death);
    });
  };
}

function kill(world: World, host: AnyHost, death: Death): void {
  const isAgent = isAgentHost(host);
  const kinds =
    death === "killed"
      ? (["agentKilled", "coordinatorKilled"] as const)
      : (["agentPowerCut", "coordinatorPowerCut"] as const);
  world.counts[isAgent ? kinds[0] : kinds[1]] += 1;
  killDaemon(world, host, death);
}

function newHabits(random: SeededRandom): Habits {
  const some = () => (random.chance(0.5) ? random.next() : 0);
  return {
    weather: some(),
    partitions: some(),
    kills: some(),
    powerCuts: some(),
    atWrites: some(),
    restarts: some() / 2,
    diskFailures: some() / 2,
    clockSteps: some() / 2,
    strangers: some(),
  };
}

function changeWeather({ network, trace }: World, random: SeededRandom, { weather }: Habits): void {
  const part = (highest: number) => (random.chance(weather) ? random.next() * highest : 0);
  network.weather = { loss: part(0.3), lateness: part(0.2), duplication: part(0.2) };
  const { loss, lateness, duplication } = network.weather;
  const figures = [loss, lateness, duplication].map((each) => each.toFixed(2));
  trace.note("network", `weather ${figures.join(" ")}`);
}

function partition(
  { network, scheduler, agents, trace }: World,
  random: SeededRandom,
  habits: Habits,
  untilMs: number,
): void {
  if (!random.chance(habits.partitions)) return;
  const { name } = random.pick(agents);
  network.partition(coordinatorName, name);
  trace.note("network", `${name} is cut off`);
  const forMs = random.chance(0.6) ? random.between(10_000, 40_000) : random.between(500, 6_000);
  scheduler.after(Math.min(forMs, untilMs - scheduler.nowMs()), () => {
    network.heal(coordinatorName, name);
    trace.note("network", `${name} is back`);
  });
}

/** Somebody gives an agent a worker that the coordinator knows nothing of: it has to be stopped. */
function createStrangely(world: World, random: SeededRandom, { strangers }: Habits): void {
  const { service, name } = random.pick(world.agents);
  if (service === undefined || !random.chance(strangers)) return;
  world.counts.strangerCreatedWorker += 1;
  const workerId = BigInt(random.between(2e9, 3e9));
  world.trace.note(name, `a stranger creates worker ${workerId}`);
  const startMs = Math.floor(simulationStartMs + world.scheduler.nowMs());
  const spec = simulatedSpec({ startMs, durationMs: 900_000, nodes: [name], isFault: false });
  const caller = { isJava: false, coordinatorId: "", mayRunCommands: async () => false };
  service.createWorker({ workerId, taskId: "stranger", spec }, caller).catch(() => {});
}

function strike(world: World, random: SeededRandom, habits: Habits): void {
  const host: AnyHost = random.chance(0.5) ? world.coordinator : random.pick(world.agents);
  const { counts, trace } = world;
  if (random.chance(habits.clockSteps)) {
    counts.wallClockStepped += 1;
    host.clockOffsetMs = random.between(-clockOffsetMsMax, clockOffsetMsMax);
    trace.note(host.name, `its clock is off by ${host.clockOffsetMs} ms`);
  }
  if (host.life.isOver) return;
  if (random.chance(habits.kills)) kill(world, host, "killed");
  else if (random.chance(habits.powerCuts)) kill(world, host, "powerCut");
  else if (random.chance(habits.restarts)) {
    counts[isAgentHost(host) ? "agentRestarted" : "coordinatorRestarted"] += 1;
    restartDaemon(world, host);
  } else if (random.chance(habits.diskFailures)) {
    host.nextCommitFails = true;
  }
}
