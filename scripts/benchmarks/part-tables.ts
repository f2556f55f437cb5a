// The tables of the smaller parts of a bench: paced runs and starts.

import { contestant, contestantsIn } from "./contestants.ts";
import type { BenchResults, RunResult } from "./results.ts";
import { spreadOf, spreadText } from "./statistics.ts";
import { textTable } from "./text-table.ts";

const PACED_HEAD = [
  "program",
  "achieved/s",
  "off by",
  "pacing error p50, ms",
  "p99",
  "max",
  "latency from send p50, ms",
  "p99",
  "service p50, ms",
  "p99",
  "corrected p50, ms",
  "p99",
  "CPU, % of a core",
  "peak memory, MB",
];

/** The rate in decimals: it is held to half a percent. */
export function pacedTable(paced: NonNullable<BenchResults["paced"]>): string {
  const counted = paced.runs.filter((run) => run.round > 0);
  const rows = contestantsIn(counted).map((id) => {
    const own = counted.filter((run) => run.contestant === id);
    const spread = (figureOf: (run: RunResult) => number | undefined) =>
      spreadText(spreadOf(own.map(figureOf).filter((value) => value !== undefined)));
    const rates = spreadOf(own.flatMap((run) => run.evenness?.messagesPerSec ?? []));
    const worst = Math.max(
      ...[rates?.min, rates?.max].map((rate) => Math.abs((rate ?? 0) / paced.messagesPerSec - 1)),
    );
    return [
      contestant(id).label,
      (rates?.median ?? 0).toFixed(1),
      `${(worst * 100).toFixed(2)} %`,
      spread((run) => run.evenness?.errorMsP50),
      spread((run) => run.evenness?.errorMsP99),
      spread((run) => run.evenness?.errorMsMax),
      spread((run) => latencyMs(run.report, "send", 50)),
      spread((run) => latencyMs(run.report, "send", 99)),
      spread((run) => latencyMs(run.report, "service", 50)),
      spread((run) => latencyMs(run.report, "service", 99)),
      spread((run) => latencyMs(run.report, "corrected", 50)),
      spread((run) => latencyMs(run.report, "corrected", 99)),
      spread((run) => ((run.cpuUserSeconds + run.cpuSystemSeconds) * 1e5) / run.wallMs),
      spread((run) => run.pssPeakBytes / 1e6),
    ];
  });
  return textTable(PACED_HEAD, rows);
}

export function startupTable({ helpMs, starts }: NonNullable<BenchResults["startup"]>): string {
  const help = ["this Trogdor", "trogdor --help, to its exit", spreadText(spreadOf(helpMs))];
  const rows = contestantsIn(starts).map((id) => {
    const own = starts.filter((start) => start.contestant === id);
    const times = spreadText(spreadOf(own.map((start) => start.firstMessageMs)));
    return [contestant(id).label, "first message in the broker's log", times];
  });
  return textTable(["program", "from its start to", "ms"], [help, ...rows]);
}

interface StatusLatencies {
  readonly latencyUs?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly [field: string]: unknown;
}

/**
 * As the program reports it. Both Trogdors have `p50LatencyMs`, in whole milliseconds from the
 * call of send; the other two are ours alone.
 */
export function latencyMs(
  report: unknown,
  kind: "send" | "service" | "corrected",
  percent: 50 | 99,
): number | undefined {
  const status = report as StatusLatencies;
  if (kind === "send") {
    const value = status[`p${percent}LatencyMs`];
    return typeof value === "number" ? value : undefined;
  }
  const us = status.latencyUs?.[kind]?.[`p${percent}`];
  return us === undefined ? undefined : us / 1000;
}
