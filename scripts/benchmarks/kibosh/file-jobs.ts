// What is measured of a file system: data in large and small pieces, and files made, looked at and
// removed. Data by fio, names by a loop of our own.

import { join } from "node:path";

export interface FileJob {
  readonly name: string;
  readonly unit: "MB/s" | "k/s";
  /** fio's arguments without the folder, or the action of name-loop.ts and its number of files. */
  readonly arguments: readonly string[];
  readonly isNames?: boolean;
  /** Which side of fio's report counts. */
  readonly side: "read" | "write";
}

const FILE = "--filename=data";
const SIZE = "--size=256M";

export function fileJobs(isQuick: boolean): FileJob[] {
  const seconds = isQuick ? "1" : "5";
  const timed = ["--time_based", `--runtime=${seconds}`];
  // No block is read twice: what a page cache holds of it by then would not be a read any more.
  const small = ["--rw=randread", "--bs=4k", FILE];
  const files = isQuick ? "2000" : "10000";
  return [
    data("overwrite 1 MiB", "write", ["--rw=write", "--bs=1M", FILE, SIZE, ...timed]),
    data("warm read 1 MiB", "read", ["--rw=read", "--bs=1M", FILE, SIZE, ...timed]),
    rate("random 4 KiB, 1 job", "read", [...small, SIZE]),
    rate("random 4 KiB, 4 jobs", "read", [
      ...[...small, "--numjobs=4", "--size=64M", "--offset_increment=64M"],
    ]),
    rate("append 16 KiB", "write", [
      ...["--rw=write", "--bs=16k", "--filename=log", "--file_append=1", "--fallocate=none"],
      ...[`--size=${isQuick ? "32M" : "256M"}`],
    ]),
    names("create", files),
    names("stat", files),
    names("unlink", files),
  ];
}

function data(name: string, side: "read" | "write", args: readonly string[]): FileJob {
  return { name, unit: "MB/s", arguments: args, side };
}

function rate(name: string, side: "read" | "write", args: readonly string[]): FileJob {
  return { name, unit: "k/s", arguments: args, side };
}

function names(action: string, files: string): FileJob {
  return { name: action, unit: "k/s", arguments: [action, files], side: "write", isNames: true };
}

export interface JobResult {
  readonly value: number;
  readonly operations: number;
}

/** Runs one job in a folder; rejects when it fails. */
export async function runFileJob(job: FileJob, folder: string): Promise<JobResult> {
  if (job.isNames === true) return await runNames(job, folder);
  const shape = ["--name=job", "--output-format=json", "--group_reporting", "--thread"];
  const text = await runProgram(["fio", `--directory=${folder}`, ...shape, ...job.arguments]);
  const report = JSON.parse(text.slice(text.indexOf("{"))) as FioReport;
  const side = report.jobs[0]?.[job.side];
  if (side === undefined) throw new Error("fio reported no job");
  const value = job.unit === "MB/s" ? side.bw_bytes / 1e6 : side.iops / 1e3;
  return { value, operations: side.total_ios };
}

async function runNames(job: FileJob, folder: string): Promise<JobResult> {
  const [action = "", count = ""] = job.arguments;
  const loop = join(import.meta.dir, "name-loop.ts");
  const command = [process.execPath, "--no-env-file", loop, action, folder, count];
  const seconds = Number(await runProgram(command));
  return { value: Number(count) / seconds / 1e3, operations: Number(count) };
}

async function runProgram(command: string[]): Promise<string> {
  const child = Bun.spawn(command, {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 120_000,
  });
  const [text, problem] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed: ${problem.trim()}`);
  return text;
}

interface FioSide {
  readonly bw_bytes: number;
  readonly iops: number;
  readonly total_ios: number;
}

interface FioReport {
  readonly jobs: readonly { readonly read: FioSide; readonly write: FioSide }[];
}
