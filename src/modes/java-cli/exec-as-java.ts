// `agent --exec SPEC` in the Java form: its lines on stdout, exit code 0 or 1. Unlike Java it opens
// no port, so that it works beside a running agent.

import { errorText } from "../../core/trogdor-error.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import { type PrintTree, printPretty } from "../../spec/print.ts";
import { parseTaskSpec, prettyTaskSpec } from "../../tasks/parse-task-spec.ts";
import { equip } from "../exec/exec-equipment.ts";
import { checkTargets, configuredPlace, type ExecPlace } from "../exec/exec-place.ts";
import { startTask, type TaskOutcome } from "../exec/running-task.ts";
import { exitCodes } from "../exit-codes.ts";
import type { LoadedTask } from "../load-task.ts";
import type { ModeHost } from "../mode-host.ts";
import { readSpec } from "../read-spec.ts";
import { readTopology } from "../read-topology.ts";

export interface JavaExec {
  /** JSON when its first character that is not blank is `{`, else the name of a file. */
  readonly spec: string;
  readonly configPath: string;
  readonly node: string;
}

const shutdownLine = "Running agent shutdown hook.\n";

export async function execAsJava(exec: JavaExec, host: ModeHost): Promise<number> {
  const place = configuredPlace(await readTopology(exec.configPath), exec.node, exec.configPath);
  host.out.write("Starting agent process.\n");
  const exitCode = await runExec(exec, place, host);
  host.out.write(shutdownLine);
  return exitCode;
}

async function runExec(exec: JavaExec, place: ExecPlace, host: ModeHost): Promise<number> {
  let task: LoadedTask;
  try {
    task = await loadAsJava(exec.spec, host);
  } catch (error) {
    host.out.write("Unable to parse the supplied task spec.\n");
    host.err.write(`${errorText(error)}\n`);
    return exitCodes.failed.code;
  }
  try {
    checkTargets(task.type.targetNodes(task.spec, place.topology), place);
  } catch (error) {
    host.out.write(`${errorText(error)}\n`);
    return exitCodes.failed.code;
  }
  host.out.write(`Waiting for completion of task:${prettyTaskSpec(task.type, task.spec)}\n`);
  return await runToEnd(task, place, host);
}

/** `-` is a file name here. */
async function loadAsJava(argument: string, host: ModeHost): Promise<LoadedTask> {
  const { text } = await readSpec(argument === "-" ? "./-" : argument, host);
  const { taskType, spec } = parseTaskSpec(text);
  const nowMs = BigInt(realClock.nowMs());
  const startMs = spec.startMs > nowMs ? spec.startMs : nowMs;
  return { type: taskType, spec: { ...spec, startMs } };
}

async function runToEnd(task: LoadedTask, place: ExecPlace, host: ModeHost): Promise<number> {
  const { type, spec } = task;
  if (spec.durationMs === 0) {
    host.out.write("Task failed with status null and error worker expired\n");
    return exitCodes.failed.code;
  }
  const equipment = await equip(type, place, {}, host, silentLog);
  const { processes, faultHost } = equipment;
  const running = startTask({
    spec,
    taskKind: type.kind,
    worker: await type.loadWorker(),
    node: place.node,
    topology: place.topology,
    clock: realClock,
    log: silentLog,
    ...(processes === undefined ? {} : { processes }),
    ...(faultHost === undefined ? {} : { faultHost }),
    reportHistogram() {},
  });
  let stopCode: number | undefined;
  const forget = host.onStopSignal((signal) => {
    const { interrupted, terminated } = exitCodes;
    stopCode = signal === "SIGINT" ? interrupted.code : terminated.code;
    running.stop();
  });
  const outcome = await running.outcome;
  await equipment.close();
  forget();
  host.out.write(outcomeLine(outcome, printPretty(running.status as PrintTree)));
  return stopCode ?? (outcome.error === "" ? exitCodes.success.code : exitCodes.failed.code);
}

function outcomeLine({ error }: TaskOutcome, status: string): string {
  return error === ""
    ? `Task succeeded with status ${status}\n`
    : `Task failed with status ${status} and error ${error}\n`;
}
