// `scripts/bench control`: the daemons beside Java's, interleaved, in several rounds.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { freePorts } from "../../../test/support/daemon-process.ts";
import { KAFKA_DIR, REPOSITORY_DIR } from "../../kafka-cluster/cluster-files.ts";
import { EXECUTABLE } from "../contestants.ts";
import { javaClassPath } from "../java-command.ts";
import { describeMachine, describeVersions, machineText } from "../machine.ts";
import { measureBusyAgents } from "./busy-agent.ts";
import {
  CONTROL_CONTESTANTS,
  type ControlContestant,
  type Role,
  startControlDaemon,
} from "./control-daemon.ts";
import { createTasks, listTasks } from "./control-load.ts";
import { type ControlRound, controlTable } from "./control-table.ts";
import { measurePolledList } from "./polled-list.ts";

export const CONTROL_USAGE = `Measures the daemons beside the Java daemons.

  scripts/bench control [--rounds N] [--tasks N] [--agents N] [--idle-seconds N] [--out FILE]
  scripts/bench control --quick      one short round, to see that it works; not for figures
`;

interface ControlOptions {
  readonly rounds: number;
  readonly tasks: number;
  readonly agents: number;
  readonly idleSeconds: number;
}

const CLIENTS = 32;

export async function benchControl(
  args: string[],
  progress: (line: string) => void,
): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string" },
      tasks: { type: "string" },
      agents: { type: "string" },
      "idle-seconds": { type: "string" },
      quick: { type: "boolean" },
      out: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    process.stdout.write(CONTROL_USAGE);
    return 0;
  }
  const isQuick = values.quick === true;
  const options = {
    rounds: Number(values.rounds ?? (isQuick ? 1 : 5)),
    tasks: Number(values.tasks ?? (isQuick ? 500 : 10_000)),
    agents: Number(values.agents ?? (isQuick ? 50 : 1_000)),
    idleSeconds: Number(values["idle-seconds"] ?? (isQuick ? 2 : 10)),
  };
  await javaClassPath(progress);
  const rounds: ControlRound[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const contestant of CONTROL_CONTESTANTS) {
      const figures = await measure(contestant, options);
      const [port] = (await freePorts(1)) as [number];
      Object.assign(figures, await measurePolledList(contestant, port, options.idleSeconds));
      progress(`round ${round}: ${contestant}: ${JSON.stringify(figures)}`);
      rounds.push({ contestant, figures });
    }
    const [port] = (await freePorts(1)) as [number];
    const busy = await measureBusyAgents(CONTROL_CONTESTANTS, port, options.idleSeconds, progress);
    busy.forEach((figures, index) => {
      rounds.push({ contestant: CONTROL_CONTESTANTS[index]!, figures });
    });
  }
  const results = {
    command: ["./scripts/bench control", ...args].join(" "),
    at: new Date().toISOString(),
    machine: describeMachine(),
    versions: describeVersions(EXECUTABLE, "4.1.0"),
    options,
    rounds,
  };
  const file = values.out ?? join(REPOSITORY_DIR, "bench-results/control.json");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`\n${machineText(results.machine)}\n\n${controlTable(rounds)}\n`);
  progress(`all results are in ${relative(process.cwd(), file)}`);
  return 0;
}

async function measure(
  contestant: ControlContestant,
  options: ControlOptions,
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  const [agentPort, port] = (await freePorts(2)) as [number, number];
  for (const role of ["agent", "coordinator"] satisfies Role[]) {
    const alone = { agents: 0, agentPort, port };
    await using daemon = await startControlDaemon(contestant, role, alone);
    figures[`${role}: ready, ms`] = daemon.readyMs;
    await Bun.sleep(2_000);
    figures[`${role}: idle memory, MB`] = daemon.memoryMb();
  }
  await using agents = await startAgents(agentPort);
  void agents;
  const shape = { agents: options.agents, agentPort, port };
  await using daemon = await startControlDaemon(contestant, "coordinator", shape);
  const { tasks } = options;
  const single = await createTasks(daemon.url, "one-", tasks, 1);
  figures["create p50, ms"] = single.p50Ms;
  figures["create p99, ms"] = single.p99Ms;
  await listTasks(daemon.url);
  const listing = await listTasks(daemon.url);
  figures["listing, ms"] = listing.ms;
  figures["listing, MB"] = listing.megabytes;
  figures["memory with all tasks, MB"] = daemon.memoryMb();
  const cpuBefore = daemon.cpuSeconds();
  await Bun.sleep(options.idleSeconds * 1000);
  const idleSeconds = daemon.cpuSeconds() - cpuBefore;
  figures["idle CPU, % of a core"] = (idleSeconds / options.idleSeconds) * 100;
  const many = await createTasks(daemon.url, "many-", tasks, CLIENTS);
  figures[`creates/s by ${CLIENTS} clients`] = many.perSec;
  return figures;
}

async function startAgents(port: number): Promise<AsyncDisposable> {
  const script = join(import.meta.dir, "simulated-agents.ts");
  const child = Bun.spawn([process.execPath, "--no-env-file", script, String(port)], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    cwd: KAFKA_DIR,
  });
  await child.stdout.getReader().read();
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}
