// Starts, stops, kills and restarts the daemons of a simulation. Whatever ends a daemon, it is
// started again after a while, as a service manager would.

import { errorText } from "../core/trogdor-error.ts";
import type { AgentDaemon } from "../daemons/agent/agent-daemon.ts";
import { startAgent } from "../daemons/agent/agent-daemon.ts";
import type { CoordinatorDaemon } from "../daemons/coordinator/coordinator-daemon.ts";
import { startCoordinator } from "../daemons/coordinator/coordinator-daemon.ts";
import type { TaskArchive } from "../daemons/coordinator/task-archive.ts";
import { connectSimulatedAgents } from "./connect-agents.ts";
import { clockOf, type Life } from "./host.ts";
import { simulatedCatalog } from "./simulated-catalog.ts";
import { rebootKernel, simulatedFaultHost } from "./simulated-fault.ts";
import { simulatedRunner } from "./simulated-runner.ts";
import { type AgentHost, type AnyHost, coordinatorName, logOf, type World } from "./world.ts";

export type Death = "killed" | "powerCut";

/** Small, so that what is bounded is reached. */
const boundedOptions = {
  agentLostMs: 8_000,
  callTimeoutMs: 5_000,
  createTimeoutMs: 8_000,
  callsMax: 2,
  listedWorkersMax: 2,
};

const agentBounds = { finishedMax: 2 };

/** A daemon that was told to stop and has not ended by then hangs. */
const stopWithinMs = 30_000;

export function isAgentHost(host: AnyHost): host is AgentHost {
  return host.name !== coordinatorName;
}

/** Begins a new life; it may be over before the daemon serves. */
export function startDaemon(world: World, host: AnyHost): void {
  if (!host.life.isOver) return;
  const life = { isOver: false };
  host.life = life;
  world.trace.note(host.name, "starts");
  const started = isAgentHost(host)
    ? startAgentOn(world, host, life)
    : startCoordinatorOn(world, host, life);
  started.catch((error: unknown) => {
    if (!life.isOver) failed(world, host, life, error);
  });
}

async function startCoordinatorOn(
  world: World,
  host: World["coordinator"],
  life: Life,
): Promise<void> {
  const random = world.random.fork("ids");
  const daemon = await startCoordinator({
    store: host.disk.open(),
    clock: clockOf(host, life, world.scheduler),
    connectAgents: (id) => connectSimulatedAgents(world, id, life),
    catalog: simulatedCatalog,
    topology: world.topology,
    log: logOf(host.name, world.trace),
    ids: {
      coordinatorId: () => "the-coordinator",
      firstWorkerId: () => BigInt(random.between(0, 1e9)),
    },
    options: { ...boundedOptions, ...retention(world), plantedBugs: world.plantedBugs },
    ...(Number.isFinite(world.history.retainTasks) ? { archive: archiveOf(world, life) } : {}),
  });
  serve(world, host, life, daemon);
}

function retention({ history: { retainTasks } }: World): { readonly retainTasks?: number } {
  return Number.isFinite(retainTasks) ? { retainTasks } : {};
}

/** A file outlives its writer; a write that its writer did not see the end of may be there. */
function archiveOf(world: World, life: Life): TaskArchive {
  const { scheduler, history, trace } = world;
  const random = world.random.fork(`archive at ${scheduler.nowMs()}`);
  return {
    async append(lines) {
      await new Promise<void>((resolve) => scheduler.after(random.between(1, 800), resolve));
      if (life.isOver && random.chance(0.5)) return;
      const atMs = scheduler.nowMs();
      for (const line of lines) {
        const { id, state } = JSON.parse(line) as { readonly id: string; readonly state: string };
        const specText = /"spec":(\{.*?\})(?:,"status"|\}$)/.exec(line)?.[1] ?? "";
        history.archived.push({ atMs, taskId: id, state, specText });
        trace.note(coordinatorName, `archived ${id}`);
      }
    },
  };
}

async function startAgentOn(world: World, host: AgentHost, life: Life): Promise<void> {
  const { scheduler, trace, counts, history, random, plantedBugs } = world;
  const clock = clockOf(host, life, scheduler);
  const faultHost = simulatedFaultHost({
    disk: host.journalDisk,
    kernel: host.kernel,
    forgetsToWait: plantedBugs.has("undoBeforeJournal"),
    nowUs: clock.nowUs,
  });
  await faultHost.undoLeftovers();
  const { name: node, kernel } = host;
  const scripts = random.fork("scripts");
  const parts = { node, scheduler, clock, random: scripts, history, trace, counts, kernel };
  host.runner = simulatedRunner({ ...parts, faultHost });
  const daemon = await startAgent({
    store: host.disk.open(),
    clock,
    runner: host.runner,
    catalog: simulatedCatalog,
    node,
    topology: world.topology,
    log: logOf(node, trace),
    options: { plantedBugs, ...agentBounds, deadManMs: world.deadManMs },
  });
  serve(world, host, life, daemon);
}

function serve(
  world: World,
  host: AnyHost,
  life: Life,
  daemon: AgentDaemon | CoordinatorDaemon,
): void {
  // The kind of the daemon is that of its host.
  (host as { service: unknown }).service = daemon;
  world.trace.note(host.name, "serves");
  daemon.ended.then(
    () => {
      if (host.service === daemon && !life.isOver) failed(world, host, life, "it ended by itself");
    },
    (error: unknown) => {
      if (!life.isOver) failed(world, host, life, error);
    },
  );
}

/** A daemon ends when its store fails; for any other reason it must not. */
function failed(world: World, host: AnyHost, life: Life, error: unknown): void {
  const why = errorText(error);
  world.trace.note(host.name, `ended: ${why}`);
  if (!why.includes("(simulated)")) world.history.mishaps.push(`${host.name} ended: ${why}`);
  if (host.life === life) endLife(host);
  restartLater(world, host);
}

/** The daemon, or its whole machine, is gone from one moment to the next. */
export function killDaemon(world: World, host: AnyHost, death: Death): void {
  world.trace.note(host.name, death);
  endLife(host);
  if (death === "killed") host.disk.killProcess();
  else host.disk.crash();
  if (isAgentHost(host)) {
    if (death === "killed") host.journalDisk.killProcess();
    else {
      host.journalDisk.crash();
      rebootKernel(host.kernel);
    }
  }
  restartLater(world, host);
}

function endLife(host: AnyHost): void {
  (host.life as { isOver: boolean }).isOver = true;
  host.service = undefined;
  if (!isAgentHost(host)) return;
  host.runner?.lose();
  host.runner = undefined;
}

/** Stops in order, as on SIGTERM, and starts again. */
export function restartDaemon(world: World, host: AnyHost): void {
  const { service, life } = host;
  if (service === undefined) return;
  const { scheduler, trace, history } = world;
  trace.note(host.name, "is told to stop");
  host.service = undefined;
  const askedMs = scheduler.nowMs();
  const hangs = scheduler.after(stopWithinMs, () => {
    if (life.isOver) return;
    history.mishaps.push(`${host.name}, told to stop at ${askedMs}, did not end`);
  });
  const ended = () => {
    if (life.isOver) return;
    hangs();
    trace.note(host.name, "stopped");
    endLife(host);
    restartLater(world, host);
  };
  service.close().then(ended, ended);
}

function restartLater(world: World, host: AnyHost): void {
  const random = world.random.fork(`restart of ${host.name} at ${world.scheduler.nowMs()}`);
  const afterMs = random.chance(0.7) ? random.between(10, 2_000) : random.between(2_000, 30_000);
  world.scheduler.after(afterMs, () => startDaemon(world, host));
}
