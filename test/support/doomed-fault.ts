// Runs a fault as an agent does, with the real runner, journal and guard, and kills itself with
// SIGKILL at a given moment of the fault's life. Its one argument is a JSON object.

import { readFileSync } from "node:fs";
import { realFaultHost } from "../../src/modes/agent/fault-host.ts";
import { realClock } from "../../src/platform/clock/real-clock.ts";
import { silentLog } from "../../src/platform/log/log.ts";
import { realNativePrograms } from "../../src/platform/native-programs/real-native-programs.ts";
import { realProcesses } from "../../src/platform/processes/real-processes.ts";
import type { FaultStep, TaskSpec } from "../../src/tasks/define-task.ts";
import { sceneTopology } from "../../src/tasks/fault-scene.suite.ts";
import { countedNode } from "../../src/tasks/interrupted-node.suite.ts";
import { parseTaskSpec } from "../../src/tasks/parse-task-spec.ts";

export interface Doom {
  readonly stateDir: string;
  readonly spec: unknown;
  readonly node: string;
  readonly nodes: Readonly<Record<string, string>>;
  readonly cleanUpCommand: readonly string[];
  readonly moment: FaultStep | "half applied" | "held" | "half undone";
  /** The guard dies first: the next start has to undo. */
  readonly killsGuard: boolean;
}

async function main(doom: Doom): Promise<void> {
  const log = silentLog;
  const { cleanUpCommand, moment } = doom;
  const processes = realProcesses({ nativePrograms: realNativePrograms(), log, cleanUpCommand });
  processes.startGuard();
  const host = realFaultHost(doom.stateDir, { processes, allowsClock: false });
  const { taskType, spec } = parseTaskSpec(JSON.stringify(doom.spec));
  const worker = await taskType.loadWorker();
  const stopping = new AbortController();
  const die = () => {
    if (doom.killsGuard) for (const pid of guards()) process.kill(pid, "SIGKILL");
    process.kill(process.pid, "SIGKILL");
  };
  let phase = "planning";
  let acts = 0;
  const node = countedNode(host.node, () => {
    acts += 1;
    // The second act of a phase begins: the first one is done.
    if (acts < 2) return;
    if (phase === "applying" && moment === "half applied") die();
    if (phase === "undoing" && moment === "half undone") die();
  });
  const begin = (next: string) => {
    phase = next;
    acts = 0;
  };
  const startMs = BigInt(realClock.nowMs());
  await worker(
    { ...(spec as TaskSpec), startMs },
    {
      taskId: "doomed",
      workerId: BigInt(process.pid),
      node: doom.node,
      topology: sceneTopology(doom.nodes),
      signal: stopping.signal,
      clock: realClock,
      log,
      randomUuid: () => crypto.randomUUID(),
      report: () => {},
      reportHistogram: () => {},
      started() {
        if (moment === "held") die();
        begin("undoing");
        stopping.abort("stopped");
      },
      processes,
      faultHost: {
        ...host,
        node,
        async atStep(step) {
          if (step === moment) die();
          if (step === "journalled") begin("applying");
          if (step === "applied") begin("probing");
        },
      },
    },
  );
  // It got to its end without dying: what has one act only has no half.
  await processes.close();
  process.exit(0);
}

/** Children of this process that are a guard. */
function guards(): number[] {
  const text = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
  const pids = text.split(" ").map(Number);
  return pids.filter(
    (pid) => pid > 0 && readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "trogdor-guard",
  );
}

void main(JSON.parse(process.argv[2] ?? "") as Doom);
