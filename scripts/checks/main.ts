// What scripts/test runs: format, lint, types, build, all tests. Every step runs even when an
// earlier one failed, but tests need a build. The last line is "N passed, N failed", where a step
// that failed and a skip that is not allowed each count as one failure.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Subprocess } from "bun";
import { makerMark } from "../kafka-cluster/maker-mark.ts";
import { stopTestClusters } from "../kafka-cluster/test-clusters.ts";
import { readAllowedSkips } from "./allowed-skips.ts";
import { readJunitReport, type TestCounts } from "./junit-report.ts";
import { removeOrphans } from "./orphans.ts";

const ROOT = resolve(import.meta.dir, "../..");
const ALLOWED_SKIPS = "test/allowed-skips.txt";
/** For one test. Bun's own 5 s, which bunfig.toml cannot change, are too few on a slow machine. */
const TEST_LIMIT_MS = 60_000;
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const runId = makerMark();
let running: Subprocess | undefined;
let isInterrupted = false;

async function main(testArguments: string[]): Promise<number> {
  const bin = (name: string) => join(ROOT, "node_modules/.bin", name);
  const problems: string[] = [];
  for (const what of await removeOrphans()) tellOfOrphan(what);
  const step = async (name: string, command: string[]) => {
    process.stderr.write(`\n== ${name}\n`);
    const isGood = (await run(command)) === 0;
    if (!isGood) problems.push(`${name} failed`);
    return isGood;
  };
  await step("format", [bin("biome"), "format", "."]);
  await step("lint", [bin("biome"), "check", "--formatter-enabled=false", "."]);
  await step("types", [bin("tsc"), "--noEmit"]);
  const isBuilt = await step("build", [process.execPath, join(ROOT, "scripts/executable/main.ts")]);
  const counts = isBuilt ? await runTests(testArguments, problems) : undefined;
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  const failed = (counts?.failed ?? 0) + problems.length;
  process.stdout.write(`${counts?.passed ?? 0} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

async function runTests(
  testArguments: string[],
  problems: string[],
): Promise<TestCounts | undefined> {
  process.stderr.write("\n== tests\n");
  const folder = mkdtempSync(join(tmpdir(), "trogdor-test-"));
  try {
    const report = join(folder, "report.xml");
    const reporter = ["--reporter=junit", `--reporter-outfile=${report}`];
    const limit = `--timeout=${TEST_LIMIT_MS}`;
    const exitCode = await run([process.execPath, "test", limit, ...reporter, ...testArguments]);
    const counts = readReport(report);
    if (counts === undefined) problems.push(`bun test ended with ${exitCode} and no report`);
    else judge(counts, exitCode, problems);
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): TestCounts | undefined {
  try {
    return readJunitReport(readFileSync(file, "utf8"));
  } catch {
    return undefined; // bun test died before it wrote one
  }
}

function judge(counts: TestCounts, exitCode: number, problems: string[]): void {
  const allowed = readAllowedSkips(join(ROOT, ALLOWED_SKIPS));
  for (const name of counts.skipped) {
    const reason = allowed.get(name);
    if (reason === undefined) problems.push(`skipped, and not in ${ALLOWED_SKIPS}: ${name}`);
    else process.stdout.write(`skipped: ${name} (${reason})\n`);
  }
  if (counts.passed + counts.failed === 0) problems.push("no test ran");
  // An error outside of any test, such as a file that cannot be loaded.
  if (exitCode !== 0 && counts.failed === 0) problems.push(`bun test ended with ${exitCode}`);
}

async function run(command: string[]): Promise<number> {
  running = Bun.spawn(command, {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    env: { ...process.env, TROGDOR_TEST_RUN: runId },
  });
  const exitCode = await running.exited;
  running = undefined;
  // `interrupt` ends this process; nothing here goes on meanwhile.
  if (isInterrupted) await Promise.withResolvers<never>().promise;
  return exitCode;
}

/** Ends what is left of this run, and of dead ones. */
async function cleanUp(): Promise<void> {
  await stopTestClusters(`test-${runId}-`);
  for (const what of await removeOrphans({ endedRun: runId })) tellOfOrphan(what);
}

function tellOfOrphan(what: string): void {
  process.stderr.write(`ended what a test had left: ${what}\n`);
}

async function interrupt(signal: keyof typeof SIGNAL_EXIT_CODES): Promise<void> {
  isInterrupted = true;
  process.stderr.write(`\n${signal}: stopping\n`);
  running?.kill("SIGKILL");
  await running?.exited;
  await cleanUp();
  process.exit(SIGNAL_EXIT_CODES[signal]);
}

for (const signal of Object.keys(SIGNAL_EXIT_CODES) as (keyof typeof SIGNAL_EXIT_CODES)[]) {
  process.once(signal, () => interrupt(signal));
}
main(process.argv.slice(2)).then(
  async (exitCode) => {
    await cleanUp();
    process.exit(exitCode);
  },
  async (error: unknown) => {
    process.stderr.write(`test: ${error instanceof Error ? error.message : String(error)}\n`);
    await cleanUp();
    process.exit(1);
  },
);
