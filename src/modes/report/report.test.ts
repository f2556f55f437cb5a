// A report in all its forms: they agree, they are well formed whatever a task says, and the page
// draws its plots in a real browser without loading anything: Debian's chromium, which
// scripts/bootstrap --browser installs.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeHistogram } from "../../measure/histogram-encoding.ts";
import { createLatencyHistogram } from "../../measure/latency-histogram.ts";
import { htmlPage } from "./html-page.ts";
import { junitXml, xmlText } from "./junit-xml.ts";
import { makeReport, type Report } from "./report.ts";
import { type EndedTask, reportTask } from "./report-task.ts";
import { reportText } from "./report-text.ts";
import { writeReport } from "./write-report.ts";

const folder = mkdtempSync(join(tmpdir(), "report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const noOp = "org.apache.kafka.trogdor.task.NoOpTaskSpec";
const hostile = `</script><script>document.title="bad"</script>\u0000\u001b &"'<b>\nsecond line`;

function ended(more: Partial<EndedTask>): EndedTask {
  return {
    id: "one",
    className: noOp,
    specText: `{"class":"${noOp}","startMs":0,"durationMs":5}`,
    isDone: true,
    isStopped: false,
    error: "",
    startedMs: 1_000,
    endedMs: 3_500,
    statusText: '"done"',
    samples: [],
    ...more,
  };
}

function histogram(): string {
  const latencies = createLatencyHistogram();
  for (let value = 1; value <= 1000; value += 1) latencies.record(value * 10, 1);
  return encodeHistogram(latencies.hdr);
}

function threeTasks(): Report {
  const samples = [1, 2, 3, 4].map((second) => ({
    atMs: second * 1000,
    ratePerSec: 100 * second,
    intendedPerSec: 400,
    p50Us: 500,
    p99Us: 900 * second,
  }));
  const nodes = { a: { histograms: { corrected: histogram() } } };
  const statusText = JSON.stringify({ ...nodes, b: { histograms: { corrected: histogram() } } });
  const tasks = [
    ended({ samples, statusText }),
    ended({ id: hostile, error: hostile, statusText: JSON.stringify({ hostile }) }),
    ended({ id: "three", isDone: false, statusText: "not JSON" }),
  ];
  return makeReport("Some tasks", "1.2.3", tasks.map(reportTask), 9_000);
}

describe("a report", () => {
  test("counts what passed, failed and goes on, and when it was", () => {
    const { counts, startedMs, endedMs } = threeTasks();
    expect(counts).toEqual({ tasks: 3, passed: 1, failed: 1, unfinished: 1 });
    expect([startedMs, endedMs]).toEqual([1_000, 3_500]);
  });

  test("has the latencies of all nodes together, and no histogram in its status", () => {
    const [task] = threeTasks().tasks;
    expect(task?.latencies.map(({ name, count }) => [name, count])).toEqual([["corrected", 2000]]);
    const p99 = task?.latencies[0]?.points.find(([percentile]) => percentile === 99)?.[1];
    expect(p99).toBeWithin(9_890, 9_930);
    expect(JSON.stringify(task?.status)).toBe('{"a":{},"b":{}}');
  });

  test("of no task is one too", () => {
    const empty = makeReport("None", "1", [], 5);
    expect(junitXml(empty)).toContain('tests="0"');
    expect(reportText(empty)).toStartWith("None\n0 passed, 0 failed");
  });

  test("is written in four forms that agree", () => {
    writeReport(folder, threeTasks());
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    expect((JSON.parse(read("report.json")) as Report).counts.failed).toBe(1);
    expect(read("report.xml")).toContain('tests="3" failures="1" errors="1"');
    expect(read("report.txt")).toContain("1 passed, 1 failed, 1 unfinished");
    expect(read("report.html")).toContain("1 failed</span>");
  });

  test("says where it cannot be written", () => {
    expect(() => writeReport("/proc/none/such", threeTasks())).toThrow("/proc/none/such");
  });
});

describe("JUnit XML", () => {
  test("is well formed for any text, with the error's first line as the message", async () => {
    const xml = junitXml(threeTasks());
    const check = Bun.spawnSync(
      ["python3", "-c", "import sys, xml.dom.minidom as m; m.parse(sys.stdin)"],
      {
        stdin: new Blob([xml]),
      },
    );
    expect(check.stderr.toString()).toBe("");
    expect(xml).toContain(">second line</failure>");
    expect(xmlText("a\u0001\ud800")).toBe("a?\ufffd");
  });
});

describe("the page", () => {
  test("ends no element early and loads nothing", () => {
    const page = htmlPage(threeTasks());
    expect(page).not.toContain('<script>document.title="bad"');
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
    expect(page).toContain("default-src 'none'");
  });

  test("draws its plots in a browser", () => {
    const chromium = Bun.which("chromium");
    if (chromium === null) throw new Error("no chromium: run scripts/bootstrap --browser");
    writeReport(folder, threeTasks());
    const { stdout } = Bun.spawnSync(
      [
        ...[chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom"],
        ...[`--user-data-dir=${join(folder, "profile")}`, "--virtual-time-budget=2000"],
        `file://${join(folder, "report.html")}`,
      ],
      { timeout: 50_000 },
    );
    const page = stdout.toString();
    const titles = [...page.matchAll(/class="u-title">([^<]*)</g)].map((match) => match[1]);
    expect(titles).toEqual(["messages per second", "latency over time", "latency by percentile"]);
    expect(page).toContain("<title>Some tasks</title>");
  }, 60_000);
});
