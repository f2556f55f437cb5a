// Runs a checked task to its end: worker, progress, signals, --timeout, then result and exit code.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import { lineLog } from "../../platform/log/line-log.ts";
import { type Log, silentLog } from "../../platform/log/log.ts";
import type { StatusJson, Worker } from "../../tasks/define-task.ts";
import { exitCodes } from "../exit-codes.ts";
import type { LoadedTask } from "../load-task.ts";
import { coloured, type ModeHost, type StopSignal } from "../mode-host.ts";
import { reportError } from "../report-error.ts";
import { statusJson } from "../status-json.ts";
import { type Equipment, equip } from "./exec-equipment.ts";
import type { ExecOptions } from "./exec-options.ts";
import type { ExecPlace } from "./exec-place.ts";
import type { ExecReport } from "./exec-report.ts";
import { type HistogramFiles, histogramFiles, writeHistogramFiles } from "./histogram-files.ts";
import { type ProgressDisplay, progressDisplay } from "./progress-display.ts";
import { elapsedText } from "./quantities.ts";
import { resultText } from "./result-text.ts";
import { type RunningTask, startTask, type TaskOutcome } from "./running-task.ts";
import { statusText } from "./status-text.ts";

/** Everything that one run shares. */
interface Run {
  readonly task: LoadedTask;
  readonly options: ExecOptions;
  readonly host: ModeHost;
  readonly clock: Clock;
  readonly display: ProgressDisplay;
  readonly histograms: HistogramFiles;
  readonly report: ExecReport | undefined;
  /** `ProduceBench on node0`. */
  readonly title: string;
  readonly beginUs: number;
  /** Aborts when the task has ended. */
  readonly ended: AbortController;
}

/** Why the task was told to stop before its end, when it was. */
interface StopCause {
  signal: StopSignal | undefined;
  hasTimedOut: boolean;
}

export async function execute(
  task: LoadedTask,
  place: ExecPlace,
  options: ExecOptions,
  host: ModeHost,
): Promise<number> {
  const clock = realClock;
  const title = `${task.type.shortName} on ${place.node}`;
  const run: Run = {
    task,
    options,
    host,
    clock,
    display: progressDisplay(host.err, clock, options.quiet),
    histograms: histogramFiles(() => clock.nowMs()),
    report: await openReport(task, title, options),
    title,
    beginUs: clock.nowUs(),
    ended: new AbortController(),
  };
  const worker = await task.type.loadWorker();
  const equipment = await equip(task.type, place, options, host, execLog(run));
  const stopping = new AbortController();
  const cause = watchForStop(run, stopping);
  const running = start(run, place, worker, equipment);
  const forgetCrash = host.onCrash(() => {
    run.ended.abort();
    run.display.clear();
    showEnd(run, running.status, ["crashed", "red"]);
  });
  stopping.signal.addEventListener("abort", () => running.stop());
  if (stopping.signal.aborted) running.stop();
  const showing = run.display.run(
    () => ({
      progress: task.type.progress?.(running.status, task.spec) ?? {},
      elapsedMs: elapsedMs(run),
      remainingMs: running.remainingMs(),
      isStopping: stopping.signal.aborted,
    }),
    run.ended.signal,
  );
  void run.report?.watch(() => running.status, run.ended.signal);
  const outcome = await running.outcome;
  await equipment.close();
  forgetCrash();
  run.ended.abort();
  await showing;
  run.display.clear();
  return await finish(run, running, outcome, cause);
}

/** Loaded only when it is asked for: it holds a whole page. */
async function openReport(
  task: LoadedTask,
  title: string,
  { reportFolder }: ExecOptions,
): Promise<ExecReport | undefined> {
  if (reportFolder === undefined) return undefined;
  const { execReport } = await import("./exec-report.ts");
  return execReport(reportFolder, task, title, realClock);
}

function start(
  run: Run,
  place: ExecPlace,
  worker: Worker<unknown>,
  { processes, faultHost }: Equipment,
): RunningTask {
  const { task, options, clock } = run;
  if (!options.quiet) {
    const longest = elapsedText(task.spec.durationMs);
    run.display.writeLine(`Running ${run.title}, for ${longest} at most`);
  }
  return startTask({
    spec: task.spec,
    worker,
    node: place.node,
    topology: place.topology,
    clock,
    log: execLog(run),
    taskKind: task.type.kind,
    ...(processes === undefined ? {} : { processes }),
    ...(faultHost === undefined ? {} : { faultHost }),
    reportHistogram(name, encodedBase64) {
      if (options.histogramPath !== undefined) run.histograms.take(name, encodedBase64);
      run.report?.takeHistogram(name, encodedBase64);
    },
  });
}

/** JSON for programs, text for a person at a terminal, nothing with --quiet. */
function execLog({ host, options, clock, display }: Run): Log {
  if (options.quiet) return silentLog;
  return lineLog({
    format: host.err.isTerminal ? "text" : "json",
    level: host.env["TROGDOR_DEBUG"] === "1" ? "debug" : "warn",
    nowMs: () => clock.nowMs(),
    writeLine: (line) => display.writeLine(line),
  });
}

/** The first signal stops the task, the second one leaves at once. */
function watchForStop(run: Run, stopping: AbortController): StopCause {
  const cause: StopCause = { signal: undefined, hasTimedOut: false };
  const forget = run.host.onStopSignal((signal) => {
    if (cause.signal !== undefined) {
      run.display.clear();
      run.display.writeLine("Left at once; nothing was waited for");
      run.host.leaveAtOnce(signalExitCode(cause.signal));
      return;
    }
    cause.signal = signal;
    run.display.writeLine("Stopping; press Ctrl-C again to leave at once");
    stopping.abort();
  });
  run.ended.signal.addEventListener("abort", forget);
  const { timeoutMs } = run.options;
  if (timeoutMs !== undefined) {
    void run.clock.sleep(Math.min(timeoutMs, longestTimerMs), run.ended.signal).then(() => {
      if (run.ended.signal.aborted || cause.signal !== undefined) return;
      cause.hasTimedOut = true;
      stopping.abort();
    });
  }
  return cause;
}

/** Timers of the runtime fire at once beyond 2^31 ms; 24 days are enough for a time-out. */
const longestTimerMs = 2 ** 31 - 1;

async function finish(
  run: Run,
  running: RunningTask,
  outcome: TaskOutcome,
  cause: StopCause,
): Promise<number> {
  const { options, host } = run;
  const error = failure(outcome, cause, options);
  showEnd(run, running.status, howItEnded(error, cause));
  const isSaved = (await saveHistograms(run)) && saveReport(run, running.status, error, cause);
  let exitCode: number = isSaved ? exitCodes.success.code : exitCodes.failed.code;
  if (outcome.defect !== undefined) exitCode = reportError(outcome.defect, "exec", host);
  else if (error !== "") exitCode = reportError(new TrogdorError("task", error), "exec", host);
  return cause.signal === undefined ? exitCode : signalExitCode(cause.signal);
}

type HowItEnded = [words: string, colour: "yellow" | "green" | "red"];

function showEnd(run: Run, status: StatusJson, how: HowItEnded): void {
  const { task, host } = run;
  if (run.options.json) {
    host.out.write(`${statusJson(status)}\n`);
    return;
  }
  const after = elapsedText(elapsedMs(run));
  const words = coloured(...how, host.out, host.env);
  host.out.write(`${run.title} ${words} after ${after}\n${finalText(task, status)}`);
}

/** As the task type words it; as the bare status when it has no words or nothing to say yet. */
function finalText({ type, spec }: LoadedTask, status: StatusJson): string {
  const result = type.result?.(status, spec);
  return result === undefined ? statusText(status) : `\n${resultText(result)}`;
}

function howItEnded(error: string, cause: StopCause): HowItEnded {
  if (cause.signal !== undefined) return ["stopped", "yellow"];
  return error === "" ? ["succeeded", "green"] : ["failed", "red"];
}

/** The task's error as one sentence; "" when it succeeded. */
function failure(outcome: TaskOutcome, cause: StopCause, options: ExecOptions): string {
  if (!cause.hasTimedOut) return outcome.error === "" ? "" : `the task failed: ${outcome.error}`;
  const timeout = elapsedText(options.timeoutMs ?? 0);
  const also = outcome.error === "" ? "" : `; its error: ${outcome.error}`;
  return `the task had not ended after ${timeout} (--timeout) and was stopped${also}`;
}

async function saveHistograms({ options, histograms, host }: Run): Promise<boolean> {
  if (options.histogramPath === undefined) return true;
  try {
    const names = await writeHistogramFiles(histograms, options.histogramPath);
    const text =
      names.length === 0
        ? `No latency was recorded, so ${options.histogramPath} was not written\n`
        : `Wrote ${names.join(", ")}\n`;
    if (!options.quiet) host.err.write(text);
    return true;
  } catch (error) {
    reportError(error, "exec", host);
    return false;
  }
}

function saveReport(
  { report, host }: Run,
  status: StatusJson,
  error: string,
  { signal }: StopCause,
): boolean {
  try {
    report?.write(status, error, signal !== undefined);
    return true;
  } catch (failure) {
    reportError(failure, "exec", host);
    return false;
  }
}

function signalExitCode(signal: StopSignal): number {
  return signal === "SIGINT" ? exitCodes.interrupted.code : exitCodes.terminated.code;
}

function elapsedMs({ clock, beginUs }: Run): number {
  return (clock.nowUs() - beginUs) / 1000;
}
