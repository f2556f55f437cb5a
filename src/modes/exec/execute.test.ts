// How a run is stopped and reported, with workers made for the purpose.

import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { TrogdorError } from "../../core/trogdor-error.ts";
import { createHdrHistogram } from "../../measure/hdr-histogram.ts";
import { encodeHistogram } from "../../measure/histogram-encoding.ts";
import type { TaskSpec, TaskType, WorkerContext } from "../../tasks/define-task.ts";
import { type RecordedHost, recordedHost } from "../recorded-host.ts";
import type { ExecOptions } from "./exec-options.ts";
import { execute } from "./execute.ts";

type Work = (context: WorkerContext) => Promise<void>;

const plainOptions: ExecOptions = {
  spec: "",
  configPath: undefined,
  node: undefined,
  overrides: [],
  json: false,
  isPlanOnly: false,
  stateDir: undefined,
  allowsClock: false,
  quiet: true,
  histogramPath: undefined,
  reportFolder: undefined,
  timeoutMs: undefined,
};

function taskOf(work: Work): { type: TaskType; spec: TaskSpec } {
  const type: TaskType = {
    className: "test.TrySpec",
    shortName: "Try",
    kind: "task",
    summary: "Tries.",
    schema: v.unknown(),
    targetNodes: () => ["here"],
    check: () => [],
    loadWorker: async () => (_spec, context) => work(context),
  };
  return { type, spec: { class: "test.TrySpec", startMs: BigInt(Date.now()), durationMs: 60_000 } };
}

function run(work: Work, host: RecordedHost, options: Partial<ExecOptions> = {}): Promise<number> {
  const place = { node: "here", topology: { nodes: new Map() } };
  return execute(taskOf(work), place, { ...plainOptions, ...options }, host);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
}

describe("a run", () => {
  test("that is stopped twice leaves at once, with the code of the first signal", async () => {
    const host = recordedHost();
    const exitCode = await run(async ({ signal }) => {
      host.sendSignal("SIGINT");
      await aborted(signal);
      host.sendSignal("SIGTERM");
    }, host);
    expect([exitCode, host.left]).toEqual([130, [130]]);
  });

  test("that was stopped prints its last status and the error of its end", async () => {
    const host = recordedHost();
    const exitCode = await run(
      async ({ signal, report }) => {
        report({ totalSent: 5 });
        host.sendSignal("SIGTERM");
        await aborted(signal);
        throw new TrogdorError("task", "the broker was gone");
      },
      host,
      { json: true },
    );
    expect(exitCode).toBe(143);
    expect(host.written).toEqual({
      out: '{\n  "totalSent": 5\n}\n',
      err:
        "Stopping; press Ctrl-C again to leave at once\n" +
        "trogdor: the task failed: the broker was gone\n",
    });
  });

  test("listens for signals no longer than it lasts", async () => {
    const host = recordedHost();
    let during = 0;
    await run(async () => {
      during = host.listenerCount;
    }, host);
    expect([during, host.listenerCount]).toEqual([1, 0]);
  });

  test("that failed says so in one sentence, without a stack", async () => {
    const host = recordedHost();
    const exitCode = await run(async () => {
      throw new TrogdorError("task", "no broker answered", { cause: new Error("ECONNREFUSED") });
    }, host);
    expect(exitCode).toBe(1);
    expect(host.written.err).toBe("trogdor: the task failed: no broker answered\n");
    expect(host.written.out).toMatch(/^Try on here failed after [\d.]+s\n/);
  });

  test("that hit a defect names it as one, and shows the stack only when asked", async () => {
    const broken: Work = async () => {
      throw new TypeError("x is undefined");
    };
    const host = recordedHost();
    expect(await run(broken, host)).toBe(1);
    expect(host.written.err).toMatch(/^trogdor: this is a defect in Trogdor \(x is undefined\)/);
    expect(host.written.err).not.toMatch(/^\s+at /m);
    const debugging = recordedHost({ TROGDOR_DEBUG: "1" });
    await run(broken, debugging);
    expect(debugging.written.err).toMatch(/^\s+at /m);
  });

  test("during which the process crashes shows the last status", async () => {
    const host = recordedHost();
    await run(async ({ report }) => {
      report({ totalSent: 5 });
      await Promise.resolve();
      host.crash();
    }, host);
    expect(host.written.out).toMatch(/^Try on here crashed after [\d.]+s\n {2}total sent {2}5\n/);
  });

  test("that is over does not speak when the process crashes", async () => {
    const host = recordedHost();
    await run(async () => {}, host);
    const before = host.written.out;
    host.crash();
    expect(host.written.out).toBe(before);
  });

  test("that takes too long is stopped and fails", async () => {
    const host = recordedHost();
    let reason: unknown;
    const exitCode = await run(
      async ({ signal }) => {
        await aborted(signal);
        reason = signal.reason;
      },
      host,
      { timeoutMs: 20 },
    );
    expect([exitCode, reason]).toEqual([1, "stopped"]);
    expect(host.written.err).toContain("(--timeout)");
  });

  test("prints 64-bit integers with all digits", async () => {
    const host = recordedHost();
    await run(async ({ report }) => report({ id: 4611686018427387903n }), host, { json: true });
    expect(host.written.out).toContain('"id": 4611686018427387903\n');
  });

  test("writes its histograms, also when it failed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trogdor-test-"));
    try {
      const histogram = createHdrHistogram();
      histogram.recordValue(5000);
      const histogramPath = join(folder, "latency.txt");
      await run(
        async ({ reportHistogram }) => {
          reportHistogram("corrected", encodeHistogram(histogram));
          reportHistogram("service", encodeHistogram(histogram));
          throw new TrogdorError("task", "no");
        },
        recordedHost(),
        { histogramPath },
      );
      expect(readdirSync(folder).sort()).toEqual(["latency.service.txt", "latency.txt"]);
      expect(readFileSync(histogramPath, "utf8")).toContain("Total count");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("fails when its histograms cannot be written, but still prints its result", async () => {
    const host = recordedHost();
    const exitCode = await run(
      async ({ reportHistogram }) => {
        reportHistogram("corrected", encodeHistogram(createHdrHistogram()));
      },
      host,
      { histogramPath: "/no/such/folder/x.hlog" },
    );
    expect(exitCode).toBe(1);
    expect(host.written.out).toContain("succeeded");
    expect(host.written.err).toContain("Cannot write /no/such/folder/x.hlog");
  });
});
