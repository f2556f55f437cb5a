// A folder that is mounted for a test: its own target, mirror and log, gone when the test is over.
// Everything goes through child processes or asynchronous calls, so that a mount that hangs fails
// its test and does not stop the others.

import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makerMark } from "../scripts/kafka-cluster/maker-mark.ts";
import { realNativePrograms } from "../src/platform/native-programs/real-native-programs.ts";
import type { Fault } from "./fault-schema.ts";
import type { MountOptions } from "./mount-options.ts";
import { writeControl } from "./mounted.ts";
import { mountInBackground, unmount } from "./run-helper.ts";

let path: string | undefined;

/** The helper for this machine; KIBOSH_HELPER names another build, such as one with sanitizers. */
export function helper(): string {
  path ??= process.env["KIBOSH_HELPER"] ?? realNativePrograms().pathOf("kibosh");
  return path;
}

export interface MountedFolder extends AsyncDisposable {
  readonly target: string;
  readonly mirror: string;
  readonly control: string;
  readonly folder: string;
  readonly pidfile: string;
  log(): Promise<string>;
  /** Sets faults; they are in force when it resolves. */
  faults(...faults: readonly Fault[]): Promise<void>;
  set(text: string): Promise<void>;
}

/** Named after its maker, so that what lies and is mounted there is found when that was killed. */
export async function markedFolder(): Promise<string> {
  const parent = process.env["KIBOSH_TEST_DIR"] ?? tmpdir();
  return await mkdtemp(join(parent, `kibosh-test-${makerMark()}-`));
}

export async function mountFolder(
  options: Partial<MountOptions> & { readonly prepare?: (target: string) => Promise<void> } = {},
): Promise<MountedFolder> {
  const folder = await markedFolder();
  const target = join(folder, "target");
  const mirror = join(folder, "mirror");
  const pidfile = join(folder, "pid");
  const logFile = join(folder, "log");
  await Bun.$`mkdir ${target} ${mirror}`.quiet();
  await options.prepare?.(target);
  const { prepare: _, ...given } = options;
  await mountInBackground(helper(), {
    target,
    mountpoint: mirror,
    pidfile,
    log: logFile,
    randomSeed: "7",
    cached: process.env["KIBOSH_CACHED"] === "1",
    ...given,
  });
  const mounted = given.mountpoint ?? mirror;
  return {
    folder,
    target,
    mirror: mounted,
    control: join(mounted, "kibosh_control"),
    pidfile,
    log: () => readFile(logFile, "utf8"),
    set: (text) => writeControl(mounted, text),
    faults: (...faults) => writeControl(mounted, JSON.stringify({ faults })),
    async [Symbol.asyncDispose]() {
      await unmount(helper(), mounted).catch(() => undefined);
      // A mount that is still going away keeps its folder for a moment.
      await until(async () => {
        await rm(folder, { recursive: true, force: true }).catch(() => undefined);
        return !(await exists(folder));
      }, `the end of ${folder}`);
    },
  };
}

export interface Finished {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  readonly tookMs: number;
}

/** Runs a program to its end; a hanging one is killed after a minute. */
export async function run(...command: readonly string[]): Promise<Finished> {
  const startedMs = performance.now();
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
    killSignal: "SIGKILL",
    env: { ...process.env, LC_ALL: "C" },
  });
  const [out, err, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, out, err, tookMs: performance.now() - startedMs };
}

/** The errno by which a promise was rejected, "" when it was not. */
export async function errnoOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return "";
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

export async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

export async function until(fact: () => Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + 40_000;
  while (!(await fact())) {
    if (performance.now() > endMs) throw new Error(`waited 40 s for: ${what}`);
    await Bun.sleep(5);
  }
}

export const size64k = 65_536;

/** 64 KiB without a zero byte, the same each time. */
export function nonZeroBytes(length = size64k): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i += 1) bytes[i] = 1 + ((i * 31 + (i >> 8)) % 255);
  return bytes;
}

export async function fill(folder: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await Bun.$`mkdir -p ${join(folder, name, "..")}`.quiet();
    await writeFile(join(folder, name), nonZeroBytes());
  }
}
