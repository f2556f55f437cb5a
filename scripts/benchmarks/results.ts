// What a bench writes down: every single run, with the machine, the versions and the commands, so
// that tables can be made again from it.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ContestantId } from "./contestants.ts";
import type { Machine, Versions } from "./machine.ts";
import type { Evenness } from "./record-timestamps.ts";

export const RESULTS_FORMAT = "trogdor-bench-produce-1";

/** One run of one program. Bytes and messages are whole runs; times are in their unit's name. */
export interface RunResult {
  readonly contestant: ContestantId;
  /** 0: the warm-up, which does not count. */
  readonly round: number;
  readonly messages: number;
  /** From the start of the process to its exit. */
  readonly wallMs: number;
  /** From the broker's first append to its last. */
  readonly loadMs: number;
  /** From the start of the process to the broker's first append. */
  readonly firstMessageMs: number;
  readonly messagesPerSec: number;
  /** Over `wallMs`. */
  readonly wallMessagesPerSec: number;
  /** By the program's own account, where it gives one. */
  readonly reportedMessagesPerSec?: number;
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
  readonly cpuSecondsPerMillion: number;
  readonly brokerCpuSecondsPerMillion: number;
  readonly pssPeakBytes: number;
  readonly rssPeakBytes: number;
  readonly processes: number;
  readonly logBytes: number;
  readonly wasEndedAfterResult: boolean;
  /** The program's own result. */
  readonly report: unknown;
  /** By the records' own times; only of paced runs. */
  readonly evenness?: Evenness;
}

/** A run that did not do its work: it is shown and counts nowhere. */
export interface FailedRun {
  readonly contestant: ContestantId;
  readonly round: number;
  readonly problem: string;
}

export interface StartResult {
  readonly contestant: ContestantId;
  readonly firstMessageMs: number;
}

export interface BenchResults {
  readonly format: typeof RESULTS_FORMAT;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly isQuick: boolean;
  readonly machine: Machine;
  readonly versions: Versions;
  readonly broker: Readonly<Record<string, string>>;
  /** As it was called, and for each program what was run. */
  readonly command: string;
  readonly commands: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly messages: number;
  readonly load?: readonly RunResult[];
  readonly paced?: {
    readonly messagesPerSec: number;
    readonly seconds: number;
    readonly runs: readonly RunResult[];
  };
  readonly startup?: {
    readonly helpMs: readonly number[];
    readonly starts: readonly StartResult[];
  };
  readonly failures: readonly FailedRun[];
}

export function writeResults(file: string, results: BenchResults): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

export function readResults(file: string): BenchResults {
  const results = JSON.parse(readFileSync(file, "utf8")) as Partial<BenchResults> | null;
  if (results?.format !== RESULTS_FORMAT) {
    throw new Error(`${file} has the format "${results?.format}": expected "${RESULTS_FORMAT}"`);
  }
  return results as BenchResults;
}
