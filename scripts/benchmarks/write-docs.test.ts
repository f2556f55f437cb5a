// Figures get from a results file into the documents, and nothing else in them changes.

import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContestantId } from "./contestants.ts";
import { resultTables } from "./result-tables.ts";
import { type BenchResults, RESULTS_FORMAT, type RunResult, writeResults } from "./results.ts";
import { withSection, writeDocs } from "./write-docs.ts";

function run(contestant: ContestantId, round: number, messagesPerSec: number, cpu: number) {
  const cpuSeconds = { cpuSecondsPerMillion: cpu, cpuUserSeconds: cpu, cpuSystemSeconds: cpu / 2 };
  const figures = { messagesPerSec, ...cpuSeconds, wallMs: 30_000, pssPeakBytes: cpu * 1e8 };
  return { contestant, round, firstMessageMs: cpu * 1000, ...figures, report: {} } as RunResult;
}

const load = [
  run("trogdor", 0, 1, 9),
  run("trogdor", 1, 400_000, 0.25),
  run("trogdor", 2, 440_000, 0.27),
  run("trogdor", 3, 420_000, 0.26),
  run("java-trogdor", 1, 210_000, 4),
  run("perf-test", 1, 400_000, 5),
];

const evenness = { messagesPerSec: 9_990, errorMsP50: 0.2, errorMsP99: 1.5, errorMsMax: 8 };
const latencyUs = { service: { p50: 900, p99: 3_100 }, corrected: { p50: 1_000, p99: 4_200 } };

const results: BenchResults = {
  format: RESULTS_FORMAT,
  startedAt: "2026-11-21T10:00:00.000Z",
  endedAt: "2026-11-21T10:20:00.000Z",
  isQuick: false,
  machine: {
    cpuModel: "Some CPU",
    cores: 2,
    memoryBytes: 24 * 2 ** 30,
    kernel: "6.18.5",
    architecture: "x64",
  },
  versions: {
    trogdor: "trogdor 0.1.0",
    executableSha256: "00",
    commit: "0123456789abcdef",
    hasUncommittedChanges: false,
    bun: "1.4.5",
    java: "17",
    kafka: "4.1.0",
    kafkajs: "2.2.4",
  },
  broker: {},
  command: "./scripts/bench produce --all",
  commands: {},
  rounds: 3,
  messages: 5_000_000,
  load,
  paced: {
    messagesPerSec: 10_000,
    seconds: 30,
    runs: [
      {
        ...run("trogdor", 1, 9_990, 1),
        evenness,
        report: { latencyUs, p50LatencyMs: 2, p99LatencyMs: 3 },
      },
      {
        ...run("java-trogdor", 1, 9_000, 9),
        evenness,
        report: { p50LatencyMs: 3, p99LatencyMs: 40 },
      },
    ],
  },
  startup: { helpMs: [40, 44, 42], starts: [{ contestant: "trogdor", firstMessageMs: 180 }] },
  failures: [],
};

function withFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-bench-"));
  try {
    mkdirSync(join(folder, "docs"));
    const page = "before\n<!-- bench:produce -->\nold\n<!-- /bench -->\nafter\n";
    writeFileSync(join(folder, "README.md"), page);
    writeFileSync(join(folder, "docs/benchmarks.md"), page);
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the tables", () => {
  test("show medians and spread without the warm-up, and ratios", () => {
    const lines = resultTables(results)
      .split("\n")
      .map((line) => line.replace(/ +/g, " "));
    expect(lines).toContain(
      "| this Trogdor | 420,000 [400,000 - 440,000] | 0.260 [0.250 - 0.270] | " +
        "26.0 [25.0 - 27.0] | 260 [250 - 270] |",
    );
    expect(lines).toContain(
      "| this Trogdor | 2.00x | 0.065x | 0.065x | 0.065x | 1.05x, limited by the broker |",
    );
    expect(lines).toContain("| this Trogdor | trogdor --help, to its exit | 42.0 [40.0 - 44.0] |");
  });

  test("show latencies as each program reports them", () => {
    const lines = resultTables(results)
      .split("\n")
      .map((line) => line.replace(/ +/g, " "));
    expect(lines).toContain(
      "| this Trogdor | 9990.0 | 0.10 % | 0.200 | 1.50 | 8.00 | 2.00 | 3.00 | " +
        "0.900 | 3.10 | 1.00 | 4.20 | 5.00 | 100 |",
    );
    expect(lines).toContain(
      "| Java Trogdor 4.1 | 9990.0 | 0.10 % | 0.200 | 1.50 | 8.00 | 3.00 | 40.0 | " +
        "- | - | - | - | 45.0 | 900 |",
    );
  });
});

describe("the documents", () => {
  test("get the figures, and the raw results are kept", () => {
    withFolder((folder) => {
      const file = join(folder, "produce-1.json");
      writeResults(file, results);
      const kept = "docs/bench-results/produce-1.json";
      expect(writeDocs(file, folder)).toEqual(["README.md", "docs/benchmarks.md", kept]);
      const readme = readFileSync(join(folder, "README.md"), "utf8");
      expect(readme).toStartWith("before\n<!-- bench:produce -->\n\n| program ");
      expect(readme).toEndWith("(docs/bench-results/produce-1.json)\n\n<!-- /bench -->\nafter\n");
      expect(readme).not.toContain("old");
      const page = readFileSync(join(folder, "docs/benchmarks.md"), "utf8");
      expect(page).toContain("[produce-1.json](bench-results/produce-1.json)");
      expect(page).toContain("2 cores of Some CPU (x64), 24 GiB, Linux 6.18.5");
      expect(readFileSync(join(folder, kept), "utf8")).toBe(readFileSync(file, "utf8"));
    });
  });

  test("stay as they are when a run failed or was a quick one", () => {
    withFolder((folder) => {
      const file = join(folder, "produce-2.json");
      const failures = [{ contestant: "trogdor", round: 1, problem: "gone" }] as const;
      writeResults(file, { ...results, failures });
      expect(() => writeDocs(file, folder)).toThrow("1 failed run");
      writeResults(file, { ...results, isQuick: true });
      expect(() => writeDocs(file, folder)).toThrow("not for figures");
      expect(readFileSync(join(folder, "README.md"), "utf8")).toContain("old");
    });
  });

  test("need their markers", () => {
    expect(() => withSection("text", "new", "README.md")).toThrow("README.md has no line");
  });
});
