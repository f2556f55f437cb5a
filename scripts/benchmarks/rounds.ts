// Runs the programs in turn, round after round: what disturbs the machine for a while then meets
// all of them, and who follows whom changes from round to round.

import { type Contestant, type ContestantId, contestant } from "./contestants.ts";
import { type LoadRunEnvironment, type LoadRunPlan, runLoad } from "./load-run.ts";
import type { FailedRun, RunResult } from "./results.ts";
import { figure } from "./statistics.ts";

export interface RoundsPlan {
  readonly name: string;
  readonly contestants: readonly ContestantId[];
  readonly rounds: number;
  /** Round 0, which warms the broker's JVM up and does not count. */
  readonly hasWarmup: boolean;
  readonly runOf: (contestant: Contestant) => Omit<LoadRunPlan, "round">;
}

export interface RoundsResult {
  readonly runs: RunResult[];
  readonly failures: FailedRun[];
}

export async function runRounds(
  plan: RoundsPlan,
  environment: LoadRunEnvironment,
  onProgress: (line: string) => void,
): Promise<RoundsResult> {
  const result: RoundsResult = { runs: [], failures: [] };
  for (let round = plan.hasWarmup ? 0 : 1; round <= plan.rounds; round++) {
    for (const id of inTurn(plan.contestants, round)) {
      const where = `${plan.name}, ${round === 0 ? "warm-up" : `round ${round} of ${plan.rounds}`}`;
      const one = contestant(id);
      try {
        const run = await runLoad(one, { round, ...plan.runOf(one) }, environment);
        result.runs.push(run);
        onProgress(`${where}: ${runText(run)}`);
      } catch (error) {
        if (environment.signal.aborted) throw error;
        const problem = error instanceof Error ? error.message : String(error);
        result.failures.push({ contestant: id, round, problem });
        onProgress(`${where}: ${id} failed: ${problem}`);
      }
    }
  }
  return result;
}

/** Each round begins with another one. */
export function inTurn<T>(items: readonly T[], round: number): T[] {
  const at = round % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

function runText(run: RunResult): string {
  const parts = [
    `${figure(run.messagesPerSec)} messages/s`,
    `${figure(run.cpuSecondsPerMillion)} s CPU per million`,
    `${figure(run.pssPeakBytes / 1e6)} MB`,
    `first message after ${figure(run.firstMessageMs)} ms`,
  ];
  if (run.evenness) parts.push(`pacing error p99 ${figure(run.evenness.errorMsP99)} ms`);
  if (run.wasEndedAfterResult) parts.push("hung at its exit and was ended");
  return `${run.contestant}: ${parts.join(", ")}`;
}
