// A client of the simulated coordinator: creates tasks, stops and destroys some, lists them now and
// then. It tries a call again when it heard nothing, as people and scripts do.

import type { SpecData } from "../core/spec-data.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import type { CoordinatorDaemon } from "../daemons/coordinator/coordinator-daemon.ts";
import type { TaskFilter } from "../rest/coordinator-service.ts";
import type { ClientOp, ClientVerb } from "./history.ts";
import { simulationStartMs } from "./host.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { simulatedSpec } from "./simulated-catalog.ts";
import { coordinatorName, type World } from "./world.ts";

const triesMax = 8;
const timeoutMs = 10_000;
/** Longer than any request of a create can be under way, so that none revives a destroyed task. */
const destroyAfterMs = 40_000;

export interface Client {
  readonly isBusy: boolean;
}

/** Makes its last wish before `untilMs`. */
export function startClient(world: World, name: string, untilMs: number): Client {
  const random = world.random.fork(name);
  const state = { open: 0 };
  const wishes = random.between(4, 10);
  for (let index = 0; index < wishes; index += 1) {
    world.scheduler.after(random.next() * untilMs, () => {
      void doWish(world, name, random.fork(`wish ${index}`), `${name}-${index}`, untilMs, state);
    });
  }
  const listEvery = () => {
    if (world.scheduler.nowMs() > untilMs) return;
    void list(world, name);
    world.scheduler.after(random.between(1_000, 8_000), listEvery);
  };
  world.scheduler.after(random.between(0, 3_000), listEvery);
  return {
    get isBusy() {
      return state.open > 0;
    },
  };
}

/** One task, from its creation to whatever is done with it. */
async function doWish(
  world: World,
  name: string,
  random: SeededRandom,
  taskId: string,
  untilMs: number,
  state: { open: number },
): Promise<void> {
  state.open += 1;
  const spec = newSpec(world, random);
  const created = await insist(world, name, "create", taskId, spec.text, (coordinator) =>
    coordinator.createTask(taskId, spec),
  );
  const later = (lowMs: number, highMs: number, verb: ClientVerb) => {
    const waitMs = random.between(lowMs, highMs);
    if (world.scheduler.nowMs() + waitMs > untilMs) return;
    state.open += 1;
    world.scheduler.after(waitMs, () => {
      insist(world, name, verb, taskId, "", (coordinator) =>
        verb === "stop" ? coordinator.stopTask(taskId) : coordinator.destroyTask(taskId),
      ).finally(() => {
        state.open -= 1;
      });
    });
  };
  if (created.outcome === "ok") {
    if (random.chance(0.15)) await again(world, name, taskId, spec);
    if (random.chance(0.6)) later(0, 30_000, "stop");
    if (random.chance(0.2)) later(destroyAfterMs, 2 * destroyAfterMs, "destroy");
  }
  state.open -= 1;
}

/** The same task again is accepted again, and another one of that id is refused. */
async function again(world: World, name: string, taskId: string, spec: SpecData): Promise<void> {
  const { text } = spec;
  await insist(world, name, "create", taskId, text, (each) => each.createTask(taskId, spec));
  const other = { ...spec, durationMs: spec.durationMs + 1, text: `${text} ` };
  const op = await insist(world, name, "create", taskId, text, (each) =>
    each.createTask(taskId, other),
  );
  // The id of a task that was dropped is free.
  const isFree = world.history.archived.some((line) => line.taskId === taskId);
  if (op.outcome !== "ok" || isFree) return;
  world.history.mishaps.push(`${taskId} was created with two specs`);
}

function newSpec({ scheduler, agents }: World, random: SeededRandom) {
  const names = agents.map(({ name }) => name);
  const nodes = random.chance(0.3) ? names : [random.pick(names)];
  const offsetMs = random.chance(0.3) ? random.between(0, 8_000) : 0;
  return simulatedSpec({
    startMs: Math.floor(simulationStartMs + scheduler.nowMs()) + offsetMs,
    durationMs: random.chance(0.5) ? random.between(100, 20_000) : 600_000,
    nodes,
    isFault: random.chance(0.35),
  });
}

/** Repeats a call until it is answered, or there is no more patience. */
async function insist(
  world: World,
  client: string,
  verb: ClientVerb,
  taskId: string,
  specText: string,
  serve: (coordinator: CoordinatorDaemon) => Promise<void>,
): Promise<ClientOp> {
  const { scheduler, history, trace } = world;
  const invokedMs = scheduler.nowMs();
  const op: ClientOp = {
    client,
    verb,
    taskId,
    specText,
    invokedMs,
    outcome: undefined,
    endedMs: 0,
  };
  history.ops.push(op);
  for (let tries = 1; op.outcome === undefined; tries += 1) {
    try {
      await callCoordinator(world, client, `${verb} ${taskId}`, serve);
      op.outcome = "ok";
    } catch (error) {
      if (!isIndefinite(error)) op.outcome = "fail";
      else if (tries === triesMax) op.outcome = "info";
      else await new Promise<void>((resolve) => scheduler.after(tries * 300, resolve));
    }
  }
  op.endedMs = scheduler.nowMs();
  trace.note(client, `${verb} ${taskId}: ${op.outcome}`);
  return op;
}

function isIndefinite(error: unknown): boolean {
  const code = error instanceof TrogdorError ? error.code : "unavailable";
  return code === "unavailable" || code === "timeout";
}

export const everyTask: TaskFilter = {
  taskIds: new Set(),
  firstStartMs: 0,
  lastStartMs: 0,
  firstEndMs: 0,
  lastEndMs: 0,
  state: undefined,
};

async function list(world: World, client: string): Promise<void> {
  const { scheduler, history } = world;
  const invokedMs = scheduler.nowMs();
  try {
    const taskIds = await callCoordinator(world, client, "list", (coordinator) => {
      const found = new Set<string>();
      for (const [taskId, { state }] of coordinator.tasks(everyTask)) {
        history.sightings.push({ atMs: scheduler.nowMs(), taskId, state });
        found.add(taskId);
      }
      return found;
    });
    history.listings.push({ invokedMs, endedMs: scheduler.nowMs(), taskIds });
  } catch {
    // Nobody answered: nothing was seen.
  }
}

function callCoordinator<T>(
  world: World,
  from: string,
  what: string,
  serve: (coordinator: CoordinatorDaemon) => Promise<T> | T,
): Promise<T> {
  return world.network.call({
    from,
    to: coordinatorName,
    what,
    timeoutMs,
    life: { isOver: false },
    mayRepeat: false,
    service: () => world.coordinator.service,
    serve,
  });
}
