// Runs one command to its end and measures its whole process tree: CPU time as the kernel accounts
// it when the process is waited for, memory by sampling while it runs.

import type { Subprocess } from "bun";
import {
  endProcess,
  identifyProcess,
  type ProcessIdentity,
  signalProcess,
} from "../kafka-cluster/process-identity.ts";
import { cpuSecondsOf, processTree, treeMemory } from "./process-tree.ts";

const SAMPLE_MS = 100;
/** The Java agent hangs in its shutdown now and then; the run itself is over by then. */
const EXIT_AFTER_RESULT_MS = 5_000;

export interface RunOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** On stdout it says that nothing but the exit is left. */
  readonly resultPattern?: RegExp;
  /** How long the exit may take after that. */
  readonly exitAfterResultMs?: number;
}

export interface MeasuredRun {
  /** Epoch time. */
  readonly startedMs: number;
  /** Until the exit; until the result when the process had to be ended after it. */
  readonly wallMs: number;
  readonly exitCode: number | null;
  readonly wasEndedAfterResult: boolean;
  readonly hasTimedOut: boolean;
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
  readonly pssPeakBytes: number;
  readonly rssPeakBytes: number;
  /** The most that lived at the same time. */
  readonly processes: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Child = Subprocess<"ignore", "pipe", "pipe">;

export async function measureRun(
  command: readonly string[],
  options: RunOptions,
): Promise<MeasuredRun> {
  options.signal.throwIfAborted();
  const startedMs = Date.now();
  // A session of its own: Ctrl-C reaches the bench alone, which then ends the tree itself.
  const child: Child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });
  const sampler = sampleTree(child.pid);
  let hasTimedOut = false;
  const end = () => killTree(child.pid);
  options.signal.addEventListener("abort", end);
  const timer = setTimeout(() => {
    hasTimedOut = true;
    end();
  }, options.timeoutMs);
  try {
    const output = watchResult(child, options);
    const stderr = new Response(child.stderr).text();
    const exitCode = await child.exited;
    const endedMs = Date.now();
    const cpu = child.resourceUsage()?.cpuTime ?? { user: 0n, system: 0n };
    const left = await endLeftBehind(sampler.seen);
    const result = await output;
    options.signal.throwIfAborted();
    return {
      startedMs,
      wallMs: (result.wasEnded ? result.atMs! : endedMs) - startedMs,
      exitCode: result.wasEnded ? 0 : exitCode,
      wasEndedAfterResult: result.wasEnded,
      hasTimedOut,
      cpuUserSeconds: Number(cpu.user) / 1e6 + left,
      cpuSystemSeconds: Number(cpu.system) / 1e6,
      pssPeakBytes: sampler.peak.pssBytes,
      rssPeakBytes: sampler.peak.rssPeakBytes,
      processes: sampler.peak.processes,
      stdout: result.text,
      stderr: await stderr,
    };
  } finally {
    clearTimeout(timer);
    sampler.stop();
    options.signal.removeEventListener("abort", end);
  }
}

interface TreeSampler {
  /** Everyone who was ever seen, the first one excepted. */
  readonly seen: Map<number, ProcessIdentity>;
  readonly peak: { pssBytes: number; rssPeakBytes: number; processes: number };
  stop(): void;
}

function sampleTree(rootPid: number): TreeSampler {
  const seen = new Map<number, ProcessIdentity>();
  const peak = { pssBytes: 0, rssPeakBytes: 0, processes: 1 };
  const sample = () => {
    const memory = treeMemory(rootPid);
    peak.pssBytes = Math.max(peak.pssBytes, memory.pssBytes);
    peak.rssPeakBytes = Math.max(peak.rssPeakBytes, memory.rssPeakBytes);
    peak.processes = Math.max(peak.processes, memory.pids.length);
    for (const pid of memory.pids) {
      const identity = pid === rootPid || seen.has(pid) ? undefined : identifyProcess(pid);
      if (identity !== undefined) seen.set(pid, identity);
    }
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return { seen, peak, stop: () => clearInterval(timer) };
}

interface ResultWatch {
  readonly text: string;
  readonly atMs: number | undefined;
  readonly wasEnded: boolean;
}

/** Reads stdout; a process that does not exit soon after its result is ended, by its pid. */
async function watchResult(child: Child, options: RunOptions): Promise<ResultWatch> {
  const { resultPattern, exitAfterResultMs = EXIT_AFTER_RESULT_MS } = options;
  const decoder = new TextDecoder();
  let text = "";
  let atMs: number | undefined;
  let wasEnded = false;
  let timer: Timer | undefined;
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (atMs !== undefined || resultPattern?.test(text) !== true) continue;
    atMs = Date.now();
    timer = setTimeout(() => {
      wasEnded = true;
      killTree(child.pid);
    }, exitAfterResultMs);
  }
  clearTimeout(timer);
  return { text, atMs, wasEnded };
}

/** Children that outlived the first process: their CPU time counts, and they are ended. */
async function endLeftBehind(seen: ReadonlyMap<number, ProcessIdentity>): Promise<number> {
  let cpuSeconds = 0;
  for (const identity of seen.values()) {
    if (identifyProcess(identity.pid)?.startTicks !== identity.startTicks) continue;
    cpuSeconds += cpuSecondsOf(identity.pid);
    await endProcess(identity, 0);
  }
  return cpuSeconds;
}

function killTree(rootPid: number): void {
  for (const pid of processTree(rootPid).reverse()) {
    const identity = identifyProcess(pid);
    if (identity !== undefined) signalProcess(identity, "SIGKILL");
  }
}
