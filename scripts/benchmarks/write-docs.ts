// Puts the figures of one bench into README.md and docs/benchmarks.md, between two markers, and
// keeps the raw results beside them: a figure in a document always has its source in the
// repository.

import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { REPOSITORY_DIR } from "../kafka-cluster/cluster-files.ts";
import { VALUE_BYTES } from "./contestants.ts";
import { machineText } from "./machine.ts";
import { loadRatioTable, loadTable, resultTables } from "./result-tables.ts";
import { type BenchResults, readResults } from "./results.ts";

const START = "<!-- bench:produce -->";
const END = "<!-- /bench -->";
const RESULTS_FOLDER = "docs/bench-results";

/** Answers the files that it wrote. */
export function writeDocs(resultsFile: string, root: string = REPOSITORY_DIR): string[] {
  const results = readResults(resultsFile);
  if (results.failures.length > 0) {
    throw new Error(`${resultsFile} holds ${results.failures.length} failed runs: run it again`);
  }
  if (results.isQuick) throw new Error(`${resultsFile} is from --quick: that is not for figures`);
  const kept = `${RESULTS_FOLDER}/${basename(resultsFile)}`;
  const pages = [
    { path: "README.md", text: readmeSection(results, kept) },
    {
      path: "docs/benchmarks.md",
      text: pageSection(results, `bench-results/${basename(resultsFile)}`),
    },
  ];
  // Both are made before either is written: a page without markers leaves all as it was.
  const texts = pages.map(({ path, text }) => {
    const file = join(root, path);
    return { file, path, text: withSection(readFileSync(file, "utf8"), text, path) };
  });
  const target = resolve(root, kept);
  mkdirSync(join(root, RESULTS_FOLDER), { recursive: true });
  if (!existsSync(target) || resolve(resultsFile) !== target) copyFileSync(resultsFile, target);
  for (const { file, text } of texts) writeFileSync(file, text);
  return [...pages.map((page) => page.path), kept];
}

/** The page with what stands between the markers replaced. */
export function withSection(page: string, section: string, path: string): string {
  const start = page.indexOf(START);
  const end = page.indexOf(END, start);
  if (start < 0 || end < 0) throw new Error(`${path} has no line ${START} and no ${END} behind it`);
  return `${page.slice(0, start + START.length)}\n\n${section.trim()}\n\n${page.slice(end)}`;
}

export function readmeSection(results: BenchResults, rawResults: string): string {
  const { load } = results;
  if (load === undefined) {
    throw new Error("the results hold no load: the README shows that part (scripts/bench --load)");
  }
  return [
    loadTable(load),
    loadRatioTable(load),
    "Median [lowest - highest] and ratios of medians; CPU and memory of the whole process tree.\n" +
      `[docs/benchmarks.md](docs/benchmarks.md) says how it is measured.\n`,
    originText(results, rawResults),
  ].join("\n");
}

export function pageSection(results: BenchResults, rawResults: string): string {
  return `${originText(results, rawResults)}\n${resultTables(results)}`;
}

function originText(results: BenchResults, rawResults: string): string {
  const { versions, rounds, messages, machine } = results;
  const lines = [
    `- ${count(rounds)} after a warm-up, ${messages.toLocaleString("en-US")} messages of ` +
      `${VALUE_BYTES} bytes each (kafkajs: a fifth), acks=all, 30 partitions, unthrottled`,
    `- ${machineText(machine)}; the broker on the same machine`,
    `- ${versions.trogdor}; Kafka ${versions.kafka}; kafkajs ${versions.kafkajs}; ${versions.java}`,
    `- \`${results.command}\` on ${results.startedAt.slice(0, 10)}; ` +
      `every run: [${basename(rawResults)}](${rawResults})`,
  ];
  return `${lines.join("\n")}\n`;
}

function count(rounds: number): string {
  return rounds === 1 ? "One round" : `${rounds} rounds`;
}
