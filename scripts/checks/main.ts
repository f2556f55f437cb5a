// What scripts/test runs: format, lint, types, build, all tests. Every step runs even when an
// earlier one failed, but tests need a build. All tests together run in two processes side by side,
// of which the second one's output comes at its end. The last line is "N passed, N failed", where a
// step that failed and a skip that is not allowed each count as one failure.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Subprocess } from "bun";
import { kafkaClassPath } from "../kafka-cluster/class-path.ts";
import { makerMark } from "../kafka-cluster/maker-mark.ts";
import { stopTestClusters } from "../kafka-cluster/test-clusters.ts";
import { readAllowedSkips } from "./allowed-skips.ts";
import { judgePart, type PartRun } from "./judge-part.ts";
import { readJunitReport, type TestCounts } from "./junit-report.ts";
import { removeOrphans } from "./orphans.ts";
import { testParts } from "./test-parts.ts";

const ROOT = resolve(import.meta.dir, "../..");
/** Java's Trogdor, which tests talk to. */
const TROGDOR_ARTIFACTS = ["org.apache.kafka:trogdor:4.1.0"];
const ALLOWED_SKIPS = "test/allowed-skips.txt";
/** For one test. Bun's own 5 s, which bunfig.toml cannot change, are too few on a slow machine. */
const TEST_LIMIT_MS = 60_000;
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const runId = makerMark();
const running = new Set<Subprocess>();
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
    if (testArguments.length > 0) {
      return judge(await runPart(testArguments, join(folder, "report.xml")), problems);
    }
    await fetchKafka();
    const runs = testParts(ROOT).map((part, index) => {
      const output = index === 0 ? undefined : join(folder, `output-${index}.txt`);
      return runPart(part, join(folder, `report-${index}.xml`), index, output);
    });
    const counts: TestCounts[] = [];
    for (const run of runs) counts.push(judge(await run, problems));
    return {
      passed: counts.reduce((sum, { passed }) => sum + passed, 0),
      failed: counts.reduce((sum, { failed }) => sum + failed, 0),
      skipped: counts.flatMap(({ skipped }) => skipped),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two test processes would fetch it at the same time, each within the limit of its first test. */
async function fetchKafka(): Promise<void> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  await kafkaClassPath("3.9.1", [], say);
  await kafkaClassPath("4.1.0", [], say);
  await kafkaClassPath("4.1.0", TROGDOR_ARTIFACTS, say);
}

/** With an output file the output is shown at the end, so that no two parts talk at once. */
async function runPart(
  tests: readonly string[],
  report: string,
  index = 0,
  outputFile?: string,
): Promise<PartRun> {
  const reporter = ["--reporter=junit", `--reporter-outfile=${report}`];
  const command = [process.execPath, "test", `--timeout=${TEST_LIMIT_MS}`, ...reporter, ...tests];
  const exitCode = await run(command, { testRun: `${runId}-${index}`, outputFile });
  if (outputFile !== undefined) await tellAll(readFileSync(outputFile));
  return { exitCode, counts: readReport(report) };
}

/** A pipe takes 64 KB at once, and process.exit waits for no more. */
function tellAll(output: Buffer): Promise<void> {
  return new Promise((resolve) => process.stderr.write(output, () => resolve()));
}

function readReport(file: string): TestCounts | undefined {
  try {
    return readJunitReport(readFileSync(file, "utf8"));
  } catch {
    return undefined; // bun test died before it wrote one
  }
}

function judge(run: PartRun, problems: string[]): TestCounts {
  const allowed = readAllowedSkips(join(ROOT, ALLOWED_SKIPS));
  const judged = judgePart(run, allowed, ALLOWED_SKIPS);
  for (const note of judged.notes) process.stdout.write(`${note}\n`);
  problems.push(...judged.problems);
  return judged.counts;
}

interface RunOptions {
  readonly testRun?: string;
  readonly outputFile?: string | undefined;
}

async function run(command: string[], options: RunOptions = {}): Promise<number> {
  await unlessInterrupted();
  const { testRun = runId, outputFile } = options;
  const output = outputFile === undefined ? "inherit" : openSync(outputFile, "a");
  const child = Bun.spawn(command, {
    cwd: ROOT,
    stdin: "ignore",
    stdout: output,
    stderr: output,
    env: { ...process.env, TROGDOR_TEST_RUN: testRun },
  });
  if (output !== "inherit") closeSync(output);
  running.add(child);
  const exitCode = await child.exited;
  running.delete(child);
  await unlessInterrupted();
  return exitCode;
}

/** `interrupt` ends this process; nothing goes on or starts meanwhile. */
async function unlessInterrupted(): Promise<void> {
  if (isInterrupted) await Promise.withResolvers<never>().promise;
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
  for (const child of running) child.kill("SIGKILL");
  await Promise.all([...running].map((child) => child.exited));
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
