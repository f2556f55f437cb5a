// Builds one executable: src/main.ts and all it imports, as byte code, on Bun's runtime for the
// target, deaf to whatever .env, bunfig.toml, tsconfig.json or package.json lies where it is run.

import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { embedPlugin } from "./embed-plugin.ts";
import { fetchPackage } from "./fetch-package.ts";
import {
  type Architecture,
  BATCHES_ADD_ON,
  buildNativeProgram,
  NATIVE_PROGRAMS,
} from "./native-programs.ts";
import { type BuildTarget, hostTarget } from "./targets.ts";

const ROOT = resolve(import.meta.dir, "../..");

export interface BuildRequest {
  readonly target: BuildTarget;
  readonly outfile: string;
  readonly entry?: string;
}

export async function buildExecutable(request: BuildRequest): Promise<void> {
  const { target, outfile } = request;
  // Built beside its place and renamed, so that who runs the old one keeps it. The file has its
  // final name meanwhile, because stack traces show it.
  const folder = join(dirname(outfile), `.build-${process.pid}`);
  const draft = join(folder, "trogdor");
  mkdirSync(folder, { recursive: true });
  const runtime = await runtimeFor(target);
  const result = await Bun.build({
    entrypoints: [request.entry ?? join(ROOT, "src/main.ts")],
    target: "bun",
    format: "cjs",
    bytecode: true,
    // Names stay: they cost 0.4 MB and no time, and stack traces are worth more.
    minify: { whitespace: true, syntax: true, identifiers: false },
    define: {
      TROGDOR_COMMIT: JSON.stringify(await gitCommit()),
      // The sources' own folder means nothing where they are not.
      "import.meta.dir": '""',
    },
    plugins: [
      embedPlugin({
        crc32PackageDir: await crc32PackageDir(target),
        nativePrograms: await nativeProgramFiles(target),
        batchesAddOn: await buildNativeProgram(BATCHES_ADD_ON, architectureOf(target)),
      }),
    ],
    compile: {
      target: target.compileTarget,
      ...(runtime === undefined ? {} : { executablePath: runtime }),
      outfile: draft,
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
    throw: false,
  });
  if (result.success) {
    chmodSync(draft, 0o755);
    renameSync(draft, outfile);
  }
  rmSync(folder, { recursive: true, force: true });
  if (!result.success) throw new Error(result.logs.map(String).join("\n"));
}

/** For this machine the Bun that runs this script; undefined means that one. */
async function runtimeFor(target: BuildTarget): Promise<string | undefined> {
  if (target === hostTarget()) return process.execPath;
  return join(await fetchPackage(target.runtimePackage, Bun.version), "bin/bun");
}

async function nativeProgramFiles(target: BuildTarget): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const program of NATIVE_PROGRAMS) {
    files.set(program.name, await buildNativeProgram(program, architectureOf(target)));
  }
  return files;
}

function architectureOf(target: BuildTarget): Architecture {
  return target.name.includes("arm64") ? "arm64" : "x64";
}

/** Where the add-on for the target is: installed already when it is this machine's. */
async function crc32PackageDir(target: BuildTarget): Promise<string> {
  const installed = join(ROOT, "node_modules", target.crc32Package);
  if (existsSync(installed)) return installed;
  const manifest = Bun.file(join(ROOT, "node_modules/@node-rs/crc32/package.json"));
  const { optionalDependencies } = (await manifest.json()) as {
    optionalDependencies: Record<string, string>;
  };
  const version = optionalDependencies[target.crc32Package];
  if (version === undefined) throw new Error(`@node-rs/crc32 has no ${target.crc32Package}`);
  return await fetchPackage(target.crc32Package, version);
}

/** The commit that is built, marked when the tree differs from it; "unknown" outside a checkout. */
async function gitCommit(): Promise<string> {
  const git = async (...args: string[]) => {
    const child = Bun.spawn(["git", ...args], { cwd: ROOT, stdout: "pipe", stderr: "ignore" });
    const text = await new Response(child.stdout).text();
    return (await child.exited) === 0 ? text.trim() : undefined;
  };
  if (Bun.which("git") === null) return "unknown";
  const commit = await git("rev-parse", "--short=12", "HEAD");
  if (commit === undefined) return "unknown";
  const changes = await git("status", "--porcelain", "--untracked-files=no");
  return changes === "" ? commit : `${commit}-modified`;
}
