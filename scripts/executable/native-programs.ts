// The small programs in C that the executable carries in itself, and how they are compiled: static,
// against musl with zig for every target, or with gcc for this machine where there is no zig; and
// the add-on that it loads. The results are kept in .tools/native/ under a name that says what they
// were made of.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { NativeProgramName } from "../../src/platform/native-programs/native-programs.ts";

const ROOT = resolve(import.meta.dir, "../..");
const TOOLS = join(ROOT, ".tools");

export type Architecture = "x64" | "arm64";

export interface NativeProgram {
  readonly name: NativeProgramName | AddOnName;
  /** Its sources: every .c file in this folder but those that end with -test.c. */
  readonly folder: string;
  readonly flags?: readonly string[];
  /** What follows the sources, as static libraries must. */
  readonly libraries?: readonly string[];
}

/** A shared object that Bun loads into itself. */
export type AddOnName = "batches";

/** A new program is one line here, and its name in src/platform/native-programs/. */
export const NATIVE_PROGRAMS: readonly NativeProgram[] = [
  { name: "guard", folder: "native/guard" },
  { name: "queue", folder: "native/queue", libraries: ["-lm"] },
  {
    name: "kibosh",
    folder: "native/fuse",
    flags: ["-D_GNU_SOURCE", "-pthread"],
    libraries: ["-lm"],
  },
];

/** Without a libc: one file for a processor then serves glibc and musl. */
export const BATCHES_ADD_ON: NativeProgram = {
  name: "batches",
  folder: "native/batches",
  flags: ["-shared", "-fPIC", "-nostdlib", "-fvisibility=hidden"],
};

const FLAGS = [
  "-std=gnu17",
  "-O2",
  "-s",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-fno-ident",
  "-Wl,--build-id=none",
];

interface Compiler {
  readonly command: readonly string[];
  /** Part of the name of what it makes. */
  readonly version: string;
}

/** The path of the program for that processor, compiled if it is not there yet. */
export async function buildNativeProgram(
  program: NativeProgram,
  architecture: Architecture,
): Promise<string> {
  const compiler = await findCompiler(architecture);
  const folder = join(ROOT, program.folder);
  const files = readdirSync(folder)
    .filter((file) => /\.[ch]$/.test(file))
    .sort();
  const sources = files.filter((file) => file.endsWith(".c") && !file.endsWith("-test.c"));
  const link = program === BATCHES_ADD_ON ? [] : ["-static"];
  const flags = [...FLAGS, ...link, ...(program.flags ?? [])];
  const hash = createHash("sha256").update([compiler.version, ...flags].join(" "));
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  const name = `${program.name}-${architecture}-${hash.digest("hex").slice(0, 16)}`;
  const target = join(TOOLS, "native", name);
  if (existsSync(target)) return target;
  const draft = `${target}.${process.pid}`;
  mkdirSync(join(TOOLS, "native"), { recursive: true });
  try {
    // Run in the folder, so that no path of this machine gets into the result.
    const parts = ["-o", draft, ...sources, ...(program.libraries ?? [])];
    await run([...compiler.command, ...flags, ...parts], folder, program.name);
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
  }
  return target;
}

async function findCompiler(architecture: Architecture): Promise<Compiler> {
  const zig = findZig() ?? (await installZig());
  if (zig !== undefined) {
    const processor = architecture === "x64" ? "x86_64" : "aarch64";
    const target = `${processor}-linux-musl`;
    return {
      command: [zig, "cc", "-target", target],
      version: `${zig.slice(TOOLS.length)} ${target}`,
    };
  }
  const gcc = Bun.which("gcc");
  if (gcc !== null && architecture === process.arch) return { command: [gcc], version: "gcc" };
  throw new Error(
    `native programs for ${architecture} need zig: install pip for Python 3 (apt-get install ` +
      "python3-pip) and run scripts/bootstrap --native",
  );
}

function findZig(): string | undefined {
  if (!existsSync(TOOLS)) return undefined;
  const versions = readdirSync(TOOLS).filter((name) => /^ziglang-[0-9.]+$/.test(name));
  const paths = versions.sort().map((name) => join(TOOLS, name, "ziglang/zig"));
  return paths.filter(existsSync).at(-1);
}

/** Whether that worked shows in what is there afterwards. */
async function installZig(): Promise<string | undefined> {
  const child = Bun.spawn([join(ROOT, "scripts/bootstrap"), "--native"], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  await child.exited;
  return findZig();
}

async function run(command: readonly string[], cwd: string, what: string): Promise<void> {
  const cache = join(TOOLS, "zig-cache");
  const child = Bun.spawn([...command], {
    cwd,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache },
  });
  const texts = [child.stdout, child.stderr].map((stream) => new Response(stream).text());
  const output = (await Promise.all(texts)).join("");
  if ((await child.exited) !== 0) throw new Error(`compiling ${what} failed:\n${output.trim()}`);
}
