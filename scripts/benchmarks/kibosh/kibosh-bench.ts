// `scripts/bench kibosh`: the fault file system without a matching fault, beside the plain folder
// and others, interleaved, on a folder in memory so that no disk hides the difference.

import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { realNativePrograms } from "../../../src/platform/native-programs/real-native-programs.ts";
import { describeMachine } from "../machine.ts";
import { figure, spreadOf } from "../statistics.ts";
import { textTable } from "../text-table.ts";
import { type FileJob, fileJobs, runFileJob } from "./file-jobs.ts";
import { measureIdle } from "./idle-files.ts";
import {
  cKibosh,
  type FileSystem,
  idleFaults,
  ours,
  passthroughHp,
  passthroughLl,
  plainFolder,
} from "./mounts.ts";
import { idleVerdicts, type Sample, type Verdict, verdicts } from "./verdicts.ts";

const ROOT = join(import.meta.dir, "../../..");

const USAGE = `Measures the fault file system beside a plain folder and others, with fio.

  scripts/bench kibosh [--rounds N] [--folder DIR] [--out FILE]
      --kibosh PATH           also a C Kibosh that you built
      --passthrough-hp PATH   also libfuse's passthrough_hp that you built
      --passthrough-ll PATH   also libfuse's passthrough_ll that you built
      --quick                 one short round, to see that it works; not for figures
`;

/** An interrupt takes effect between two jobs; nothing stays mounted then. */
export async function benchKibosh(
  args: string[],
  progress: (line: string) => void,
  signal: AbortSignal,
) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string" },
      folder: { type: "string" },
      out: { type: "string" },
      kibosh: { type: "string" },
      "passthrough-hp": { type: "string" },
      "passthrough-ll": { type: "string" },
      quick: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (Bun.which("fio") === null) throw new Error("fio is missing: apt-get install fio");
  const isQuick = values.quick === true;
  const jobs = fileJobs(isQuick);
  const helper = realNativePrograms().pathOf("kibosh");
  const parent = values.folder ?? "/dev/shm";
  const systems = fileSystems(
    helper,
    values.kibosh,
    values["passthrough-hp"],
    values["passthrough-ll"],
  );
  const startedAt = new Date().toISOString();
  const samples: Sample[] = [];
  for (let round = 0; round < Number(values.rounds ?? (isQuick ? 1 : 5)); round += 1) {
    // Another begins in each round, so that none is always the one after the same.
    for (const system of rotated(systems, round)) {
      progress(`round ${round + 1}: ${system.name}`);
      samples.push(...(await measure(system, jobs, round, parent, signal)));
    }
  }
  progress("10,000 idle open files");
  signal.throwIfAborted();
  const idle = await measureIdle(ours("ours", helper, {}), helper, parent, isQuick ? 2 : 10);
  const day = startedAt.replace(/[-:]/g, "").replace(/\..*/, "");
  const file = values.out ?? join(ROOT, `bench-results/kibosh-${day}.json`);
  mkdirSync(dirname(file), { recursive: true });
  const machine = describeMachine();
  writeFileSync(file, `${JSON.stringify({ startedAt, machine, args, samples, idle }, null, 1)}\n`);
  const jobNames = jobs.map(({ name }) => name);
  const judged = [...verdicts(samples, jobNames), ...idleVerdicts(idle)];
  process.stdout.write(`\n${resultTable(systems, jobs, samples)}\n\n${verdictTable(judged)}\n`);
  progress(`all results are in ${relative(process.cwd(), file)}`);
  return 0;
}

function fileSystems(
  helper: string,
  kibosh: string | undefined,
  hp: string | undefined,
  ll: string | undefined,
): FileSystem[] {
  return [
    plainFolder,
    ours("ours", helper, {}),
    ours("ours, 100 idle faults", helper, {}, idleFaults),
    ours("ours, cached", helper, { cached: true }),
    ours("ours, --passthrough", helper, { passthrough: true }),
    ...(kibosh === undefined ? [] : [cKibosh(kibosh)]),
    ...(ll === undefined ? [] : [passthroughLl(ll, "never"), passthroughLl(ll, "auto")]),
    ...(hp === undefined
      ? []
      : [
          ours("ours, cached, nothing kept", helper, { cached: true, timeoutSec: 0 }),
          passthroughHp(hp, false),
          passthroughHp(hp, true),
        ]),
  ];
}

async function measure(
  system: FileSystem,
  jobs: readonly FileJob[],
  round: number,
  parent: string,
  signal: AbortSignal,
): Promise<Sample[]> {
  signal.throwIfAborted();
  const folder = mkdtempSync(join(parent, "kibosh-bench-"));
  const [target, mountpoint] = [join(folder, "target"), join(folder, "mount")];
  for (const each of [target, mountpoint]) mkdirSync(each);
  const mounted = await system.mount(target, mountpoint);
  const samples: Sample[] = [];
  try {
    for (const job of inTurn(jobs)) {
      signal.throwIfAborted();
      touchMemory(folder);
      const before = mounted.cpuSeconds();
      const { value, operations } = await runFileJob(job, mounted.folder);
      const cpuUsPerOperation = ((mounted.cpuSeconds() - before) * 1e6) / Math.max(1, operations);
      samples.push({ fileSystem: system.name, job: job.name, round, value, cpuUsPerOperation });
    }
  } finally {
    await mounted.end();
    rmSync(folder, { recursive: true, force: true });
  }
  return samples;
}

function rotated<T>(all: readonly T[], by: number): T[] {
  const at = by % all.length;
  return [...all.slice(at), ...all.slice(0, at)];
}

/** Names take a moment only, and files are there once they are made: all three, several times. */
function inTurn(jobs: readonly FileJob[]): FileJob[] {
  const names = jobs.filter(({ isNames }) => isNames === true);
  return [...jobs, ...names, ...names];
}

/** What a virtual machine has not used lately it may have to get from its host first. */
function touchMemory(folder: string): void {
  const file = join(folder, "memory");
  const data = new Uint8Array(1 << 20);
  const fd = openSync(file, "w");
  for (let written = 0; written < 256; written += 1) writeSync(fd, data);
  closeSync(fd);
  rmSync(file);
}

function verdictTable(judged: readonly Verdict[]): string {
  const rows = judged.map(({ what, target, measured, isReached }) => [
    ...[what, target, measured, isReached ? "reached" : "MISSED"],
  ]);
  return textTable(["what", "target", "measured", "verdict"], rows);
}

function resultTable(
  systems: readonly FileSystem[],
  jobs: readonly FileJob[],
  samples: readonly Sample[],
): string {
  const rows = systems.map(({ name }) => [
    name,
    ...jobs.map((job) => {
      const own = samples.filter((sample) => sample.fileSystem === name && sample.job === job.name);
      const value = spreadOf(own.map((sample) => sample.value));
      const cpu = spreadOf(own.map((sample) => sample.cpuUsPerOperation));
      if (value === undefined || cpu === undefined) return "";
      return `${figure(value.median)} (${figure(cpu.median)})`;
    }),
  ]);
  const head = ["medians", ...jobs.map((job) => `${job.name}, ${job.unit}`)];
  const note = "In brackets: CPU microseconds of the file system's process for each operation.";
  return `${textTable(head, rows)}\n${note}`;
}
