// What the file system must reach beside others, and whether it did.

import { figure, ratioOf, spreadOf } from "../statistics.ts";

export interface Sample {
  readonly fileSystem: string;
  readonly job: string;
  readonly round: number;
  readonly value: number;
  readonly cpuUsPerOperation: number;
}

export interface Verdict {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly isReached: boolean;
}

/** How many times a C Kibosh. */
const toKibosh: readonly [string, number][] = [
  ["overwrite 1 MiB", 2],
  ["warm read 1 MiB", 1.4],
  ["random 4 KiB, 4 jobs", 1.35],
  ["append 16 KiB", 1.8],
  ["create", 1.4],
  ["stat", 1.15],
  ["unlink", 1.25],
];

const dataJobs = ["overwrite 1 MiB", "warm read 1 MiB", "random 4 KiB, 1 job"];

/** Ours, and an example of libfuse that caches by the same rules. */
const alike: readonly [string, string][] = [
  ["ours", "passthrough_ll cache=never"],
  ["ours, cached", "passthrough_ll cache=auto"],
  ["ours, cached, nothing kept", "passthrough_hp --nocache"],
];

/** Only what was measured has a verdict. */
export function verdicts(samples: readonly Sample[], jobs: readonly string[]): Verdict[] {
  const speed = (job: string, ours: string, other: string, least: number) =>
    atLeast(`${job}: ${ours} to ${other}`, ratio(samples, job, ours, other, "value"), least);
  return [
    ...toKibosh.map(([job, least]) => speed(job, "ours", "C Kibosh", least)),
    ...alike.flatMap(([ours, other]) =>
      jobs.flatMap((job) => [
        speed(job, ours, other, 1),
        atMost(
          `${job}: CPU of ${ours} to ${other}`,
          ratio(samples, job, ours, other, "cpuUsPerOperation"),
          1,
        ),
      ]),
    ),
    ...jobs.map((job) => speed(job, "ours, 100 idle faults", "ours", 0.95)),
    ...dataJobs.map((job) => speed(job, "ours, --passthrough", "native", 0.6)),
  ].filter((verdict) => verdict !== undefined);
}

function ratio(
  samples: readonly Sample[],
  job: string,
  ours: string,
  other: string,
  field: "value" | "cpuUsPerOperation",
): number | undefined {
  const of = (name: string) =>
    spreadOf(
      samples
        .filter(({ fileSystem, job: its }) => fileSystem === name && its === job)
        .map((sample) => sample[field]),
    );
  return ratioOf(of(ours), of(other));
}

function atLeast(what: string, value: number | undefined, least: number): Verdict | undefined {
  if (value === undefined) return undefined;
  const measured = `${figure(value)}x`;
  return { what, target: `at least ${least}x`, measured, isReached: value >= least };
}

function atMost(what: string, value: number | undefined, most: number): Verdict | undefined {
  if (value === undefined) return undefined;
  const measured = `${figure(value)}x`;
  return { what, target: `at most ${most}x`, measured, isReached: value <= most };
}

export interface Idle {
  readonly memoryMb: number;
  readonly cpuPercent: number;
  readonly helperKb: number;
}

export function idleVerdicts({ memoryMb, cpuPercent, helperKb }: Idle): Verdict[] {
  const below = (what: string, value: number, most: number, unit: string) => ({
    what,
    target: `under ${most} ${unit}`,
    measured: `${figure(value)} ${unit}`,
    isReached: value < most,
  });
  return [
    below("memory with 10,000 idle open files", memoryMb, 20, "MB"),
    below("CPU with 10,000 idle open files", cpuPercent, 1, "% of a core"),
    below("size of the helper", helperKb, 500, "KB"),
  ];
}
