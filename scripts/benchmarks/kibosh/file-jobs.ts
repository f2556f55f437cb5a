// What is measured of a file system: data in large and small pieces, and files made, looked at and
// removed. Each job is one run of fio.

export interface FileJob {
  readonly name: string;
  readonly unit: "MB/s" | "k/s";
  /** fio's arguments, without the folder. */
  readonly arguments: readonly string[];
  /** Which side of fio's report counts. */
  readonly side: "read" | "write";
}

const FILE = "--filename=data";
const SIZE = "--size=256M";

export function fileJobs(isQuick: boolean): FileJob[] {
  const seconds = isQuick ? "1" : "5";
  const timed = ["--time_based", `--runtime=${seconds}`];
  const small = ["--rw=randread", "--bs=4k", FILE, SIZE, ...timed];
  const files = isQuick ? "2000" : "10000";
  const many = [`--nrfiles=${files}`, "--filesize=4k", "--openfiles=1", "--fallocate=none"];
  return [
    data("overwrite 1 MiB", "write", ["--rw=write", "--bs=1M", FILE, SIZE, ...timed]),
    data("warm read 1 MiB", "read", ["--rw=read", "--bs=1M", FILE, SIZE, ...timed]),
    rate("random 4 KiB, 1 job", "read", small),
    rate("random 4 KiB, 4 jobs", "read", [...small, "--numjobs=4"]),
    rate("append 16 KiB", "write", [
      ...["--rw=write", "--bs=16k", "--filename=log", "--file_append=1", "--fallocate=none"],
      ...[`--size=${isQuick ? "32M" : "256M"}`],
    ]),
    rate("create", "write", ["--ioengine=filecreate", "--rw=write", ...many]),
    rate("stat", "read", ["--ioengine=filestat", "--rw=randread", ...many]),
    rate("unlink", "write", ["--ioengine=filedelete", "--rw=write", ...many]),
  ];
}

function data(name: string, side: "read" | "write", args: readonly string[]): FileJob {
  return { name, unit: "MB/s", arguments: args, side };
}

function rate(name: string, side: "read" | "write", args: readonly string[]): FileJob {
  return { name, unit: "k/s", arguments: args, side };
}

export interface JobResult {
  readonly value: number;
  readonly operations: number;
}

/** Runs one job in a folder; rejects when fio does. */
export async function runFileJob(job: FileJob, folder: string): Promise<JobResult> {
  const shape = ["--name=job", "--output-format=json", "--group_reporting", "--thread"];
  const child = Bun.spawn(["fio", `--directory=${folder}`, ...shape, ...job.arguments], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 120_000,
  });
  const [text, problem] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`fio failed: ${problem.trim()}`);
  const report = JSON.parse(text.slice(text.indexOf("{"))) as FioReport;
  const side = report.jobs[0]?.[job.side];
  if (side === undefined) throw new Error("fio reported no job");
  const value = job.unit === "MB/s" ? side.bw_bytes / 1e6 : side.iops / 1e3;
  return { value, operations: side.total_ios };
}

interface FioSide {
  readonly bw_bytes: number;
  readonly iops: number;
  readonly total_ios: number;
}

interface FioReport {
  readonly jobs: readonly { readonly read: FioSide; readonly write: FioSide }[];
}
