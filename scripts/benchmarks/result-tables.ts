// The tables of a bench, as Markdown that reads well on a terminal too. Every figure is a median
// with the lowest and the highest sample; every ratio is one of medians of the same bench.

import { type ContestantId, contestant, contestantsIn } from "./contestants.ts";
import { pacedTable, startupTable } from "./part-tables.ts";
import type { BenchResults, RunResult } from "./results.ts";
import { ratioOf, ratioText, type Spread, spreadOf, spreadText } from "./statistics.ts";
import { textTable } from "./text-table.ts";

/** Within this share of kafka-producer-perf-test, the broker is taken to be the limit. */
export const BROKER_LIMIT_SHARE = 0.1;

export interface LoadSummary {
  readonly messagesPerSec: Spread | undefined;
  readonly cpuSecondsPerMillion: Spread | undefined;
  readonly memoryMb: Spread | undefined;
  readonly firstMessageMs: Spread | undefined;
}

/** All tables that the results have data for, each under a heading. */
export function resultTables(results: BenchResults): string {
  const parts: string[] = [];
  if (results.load) {
    parts.push(`### Load\n\n${loadTable(results.load)}`);
    parts.push(`### Load, as ratios\n\n${loadRatioTable(results.load)}`);
  }
  if (results.paced) {
    const { messagesPerSec, seconds } = results.paced;
    const rate = messagesPerSec.toLocaleString("en-US");
    const title = `### ${rate} messages a second for ${seconds} s`;
    parts.push(`${title}\n\n${pacedTable(results.paced)}`);
  }
  if (results.startup) parts.push(`### Start\n\n${startupTable(results.startup)}`);
  return parts.join("\n");
}

export function loadTable(runs: readonly RunResult[]): string {
  const head = [
    "program",
    "messages/s",
    "CPU s per million",
    "peak memory, MB",
    "first message, ms",
  ];
  const rows = contestantsIn(runs).map((id) => {
    const summary = loadSummary(runs, id);
    return [contestant(id).label, ...Object.values(summary).map(spreadText)];
  });
  return textTable(head, rows);
}

export function loadRatioTable(runs: readonly RunResult[]): string {
  const head = [
    "against Java Trogdor",
    "messages/s",
    "CPU per message",
    "peak memory",
    "first message",
    "messages/s against perf-test",
  ];
  const java = loadSummary(runs, "java-trogdor");
  const perfTest = loadSummary(runs, "perf-test");
  const rows = contestantsIn(runs).map((id) => {
    const summary = loadSummary(runs, id);
    return [
      contestant(id).label,
      ratioText(summary.messagesPerSec, java.messagesPerSec),
      ratioText(summary.cpuSecondsPerMillion, java.cpuSecondsPerMillion),
      ratioText(summary.memoryMb, java.memoryMb),
      ratioText(summary.firstMessageMs, java.firstMessageMs),
      perfTestText(id, summary, perfTest),
    ];
  });
  return textTable(head, rows);
}

/** Rounds that count; the warm-up does not. */
export function loadSummary(runs: readonly RunResult[], id: ContestantId): LoadSummary {
  const own = runs.filter((run) => run.contestant === id && run.round > 0);
  return {
    messagesPerSec: spreadOf(own.map((run) => run.messagesPerSec)),
    cpuSecondsPerMillion: spreadOf(own.map((run) => run.cpuSecondsPerMillion)),
    memoryMb: spreadOf(own.map((run) => run.pssPeakBytes / 1e6)),
    firstMessageMs: spreadOf(own.map((run) => run.firstMessageMs)),
  };
}

function perfTestText(id: ContestantId, summary: LoadSummary, perfTest: LoadSummary): string {
  const ratio = ratioOf(summary.messagesPerSec, perfTest.messagesPerSec);
  const text = ratioText(summary.messagesPerSec, perfTest.messagesPerSec);
  const isSame = ratio !== undefined && Math.abs(ratio - 1) <= BROKER_LIMIT_SHARE;
  return isSame && id !== "perf-test" ? `${text}, limited by the broker` : text;
}
