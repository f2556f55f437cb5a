// Many simulations, one seed after another, and what they come to.

import type { PlantedBug } from "../core/planted-bugs.ts";
import {
  addDisturbances,
  type DisturbanceCounts,
  disturbanceKinds,
  noDisturbances,
} from "./disturbances.ts";
import { type SimulationResult, simulate } from "./simulate.ts";

export interface ManyOptions {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly bug?: PlantedBug | undefined;
  /** Ends with the first seed that violates an invariant. */
  readonly stopsAtFailure?: boolean;
  /** Called after each seed. */
  onResult?(result: SimulationResult): void;
}

export interface ManyResult {
  readonly ran: number;
  readonly failures: readonly SimulationResult[];
  readonly counts: DisturbanceCounts;
  readonly events: number;
}

/** More failures than this are not kept; they say the same. */
const failuresMax = 20;

export function simulateMany(options: ManyOptions): ManyResult {
  const { firstSeed, seeds, bug, stopsAtFailure = false } = options;
  const plantedBugs = new Set(bug === undefined ? [] : [bug]);
  const counts = noDisturbances();
  const failures: SimulationResult[] = [];
  let events = 0;
  let ran = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const result = simulate({ seed, plantedBugs });
    ran += 1;
    events += result.eventCount;
    addDisturbances(counts, result.counts);
    if (result.violations.length > 0 && failures.length < failuresMax) failures.push(result);
    options.onResult?.(result);
    if (stopsAtFailure && failures.length > 0) break;
  }
  return { ran, failures, counts, events };
}

/** Kinds of disturbance that never happened: nothing was learned about them. */
export function missingDisturbances(counts: DisturbanceCounts): string[] {
  return disturbanceKinds.filter((kind) => counts[kind] === 0);
}
