// The command line of scripts/build.

import { createHash } from "node:crypto";
import { createReadStream, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildExecutable } from "./build-executable.ts";
import { BATCHES_ADD_ON, buildNativeProgram, NATIVE_PROGRAMS } from "./native-programs.ts";
import { BUILD_TARGETS, findTarget, hostTarget } from "./targets.ts";

const DIST = resolve(import.meta.dir, "../../dist");
const USAGE = `Builds the executable.

  scripts/build                    dist/trogdor for this machine
  scripts/build --target NAME      dist/trogdor-NAME; repeatable; NAME is one of
                                   ${BUILD_TARGETS.map((one) => one.name).join(", ")}
  scripts/build --all              every target, and dist/SHA256SUMS
  scripts/build --native           only what is in native/, for both processors; prints where
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      target: { type: "string", multiple: true },
      all: { type: "boolean" },
      native: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.native === true) {
    for (const program of [...NATIVE_PROGRAMS, BATCHES_ADD_ON]) {
      for (const architecture of ["x64", "arm64"] as const) {
        process.stdout.write(`${await buildNativeProgram(program, architecture)}\n`);
      }
    }
    return 0;
  }
  if (values.all !== true && values.target === undefined) {
    await buildOne(hostTarget().name, join(DIST, "trogdor"));
    return 0;
  }
  const names = values.all === true ? BUILD_TARGETS.map((one) => one.name) : (values.target ?? []);
  const targets = names.map(findTarget);
  const files: string[] = [];
  for (const { name } of targets) {
    files.push(join(DIST, `trogdor-${name}`));
    await buildOne(name, join(DIST, `trogdor-${name}`));
  }
  if (values.all === true) await writeChecksums(files);
  return 0;
}

async function buildOne(targetName: string, outfile: string): Promise<void> {
  const startedMs = performance.now();
  await buildExecutable({ target: findTarget(targetName), outfile });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const sizeMb = (statSync(outfile).size / 1e6).toFixed(1);
  process.stderr.write(
    `build: dist/${basename(outfile)} (${targetName}), ${sizeMb} MB, ${seconds} s\n`,
  );
}

async function writeChecksums(files: readonly string[]): Promise<void> {
  const lines = await Promise.all(
    files.map(async (file) => `${await sha256(file)}  ${basename(file)}\n`),
  );
  writeFileSync(join(DIST, "SHA256SUMS"), lines.join(""));
  process.stderr.write("build: dist/SHA256SUMS\n");
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`build: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
