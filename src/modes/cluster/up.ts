// `cluster up`: every node is looked at first, then what an earlier run left is stopped everywhere,
// then the executable is copied where it is not there yet, and only then daemons start. What runs
// already as it should is left alone. When anything fails, what this run started is stopped again,
// unless --keep.

import { createHash } from "node:crypto";
import { TrogdorError } from "../../core/trogdor-error.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { StopSignal } from "../mode-host.ts";
import { stopDaemons } from "./down.ts";
import type { ClusterNode } from "./inventory.ts";
import type { Role } from "./node-paths.ts";
import { copyScript, probeScript, rolesOf, startScript, stopScript } from "./node-scripts.ts";
import { failureLines, type NodeFailure, onAll } from "./on-all.ts";
import { type Executable, findExecutable, type Session, withSession } from "./session.ts";
import { type AgentUnit, parseUnit } from "./systemd-unit.ts";

export const upVerb: Command = {
  name: "up",
  summary:
    "Copy the executable to all nodes, start agents and coordinator, wait until they answer.",
  options: [
    {
      name: "binary",
      value: "FILE",
      description: "The executable to copy, for nodes of another architecture. Default: this one.",
      completes: "files",
    },
    { name: "keep", description: "Leave the nodes that are well running when others fail." },
    {
      name: "no-systemd",
      description: "Start agents directly also where systemd has a unit for them.",
    },
  ],
  examples: [
    { line: "trogdor cluster up --cluster cluster.json", does: "use the nodes of a ducktape file" },
    { line: "trogdor cluster up -c trogdor.conf --user kafka", does: "those of a trogdor.conf" },
  ],
  run: (line, host) => {
    const executable = findExecutable(line.value("binary"));
    return withSession(line, host, async (session) => {
      const token = await session.ensureToken();
      return await bringUp({
        ...{ session, executable, token, started: new Map(), throughUnits: new Set() },
        isKept: line.has("keep"),
        usesUnits: !line.has("no-systemd"),
      });
    });
  },
};

interface Up {
  readonly session: Session;
  readonly executable: Executable;
  readonly token: string | undefined;
  readonly isKept: boolean;
  readonly usesUnits: boolean;
  /** By this run; what ran before is none of its to stop. */
  readonly started: Map<ClusterNode, Role[]>;
  /** Those of them whose agent systemd started. */
  readonly throughUnits: Set<ClusterNode>;
}

interface Facts {
  readonly isCopied: boolean;
  /** What runs there, and how it was started. */
  readonly marks: ReadonlyMap<Role, string>;
  readonly unit: AgentUnit | undefined;
}

const readyWithinSec = 30;
const seenWithinMs = 20_000;
const stopWithinSec = 20;

async function bringUp(up: Up): Promise<number> {
  const { session } = up;
  const { host, inventory } = session;
  let signalled: StopSignal | undefined;
  const forget = host.onStopSignal((signal) => {
    signalled ??= signal;
  });
  const check = (failures: readonly NodeFailure[]) => {
    if (signalled !== undefined) throw new TrogdorError("interrupted", "interrupted");
    if (failures.length > 0 && !up.isKept) throw failed(failures, inventory.nodes.length);
    return failures;
  };
  const failures: NodeFailure[] = [];
  try {
    let nodes = inventory.nodes;
    const stage = async <T>(title: string, act: (node: ClusterNode) => Promise<T>) => {
      const done = await onAll(nodes, session.stage(title), act);
      failures.push(...check(done.failures));
      nodes = nodes.filter(({ name }) => done.results.has(name));
      return done.results;
    };
    const facts = await stage("looking at nodes", (node) => probe(node, up));
    await stage("stopping what is stale", (node) => stopStale(node, facts.get(node.name)!, up));
    await stage("copying", (node) => copy(node, facts.get(node.name)!, up));
    await stage("starting", (node) => start(node, facts.get(node.name)!, up));
    if (nodes.includes(inventory.coordinator)) await waitUntilSeen(nodes, session);
    if (failures.length > 0) throw failed(failures, inventory.nodes.length);
    host.out.write(await readyText(up));
    return exitCodes.success.code;
  } catch (error) {
    const isAll = !up.isKept || signalled !== undefined;
    const bad = new Set(failures.map(({ node }) => node));
    await takeBack(
      up,
      [...up.started.keys()].filter((node) => isAll || bad.has(node)),
    );
    if (signalled === undefined) throw error;
    host.err.write("Interrupted; what had been started was stopped\n");
    return signalled === "SIGINT" ? exitCodes.interrupted.code : exitCodes.terminated.code;
  } finally {
    forget();
  }
}

function failed(failures: readonly NodeFailure[], count: number): TrogdorError {
  const lines = failureLines(failures).map((line) => `\n  ${line}`);
  return new TrogdorError("task", `${failures.length} of ${count} nodes failed:${lines.join("")}`);
}

async function probe(node: ClusterNode, { session, executable, usesUnits }: Up): Promise<Facts> {
  const paths = session.paths(node, executable.digest);
  const text = await session.ssh.must(node, probeScript(paths, node, executable.sizeBytes));
  const facts = new Map(
    text.split("\n").map((line) => line.split(/=(.*)/s, 2) as [string, string]),
  );
  if (facts.get("system") !== "Linux") {
    throw new TrogdorError("task", `it runs ${facts.get("system")}; Trogdor needs Linux`);
  }
  if (facts.get("machine") !== executable.machine) {
    const wanted = `${executable.path} is for ${executable.machine}`;
    const message = `it is ${facts.get("machine")}, and ${wanted}; give --binary FILE`;
    throw new TrogdorError("task", message);
  }
  const isCopied = facts.get("copied") === "yes";
  const freeBytes = Number(facts.get("freeKb")) * 1024;
  if (!isCopied && freeBytes < executable.sizeBytes * 1.1) {
    const needed = Math.ceil(executable.sizeBytes / 1e6);
    const free = Math.floor(freeBytes / 1e6);
    const what = `${needed} MB are needed, ${free} MB free`;
    throw new TrogdorError(
      "task",
      `there is no space at ${session.root}: ${what}; give --root DIR`,
    );
  }
  const roles: readonly Role[] = ["agent", "coordinator"];
  const marks = roles.flatMap((role): [Role, string][] => {
    const mark = facts.get(role);
    return mark === undefined ? [] : [[role, mark]];
  });
  const note = facts.get("unitNote");
  if (usesUnits && note !== undefined) {
    session.host.err.write(`${node.name}: started without systemd: ${note}\n`);
  }
  return { isCopied, marks: new Map(marks), unit: parseUnit(facts.get("unit")) };
}

/** Changes whenever a daemon has to be started anew. */
function markOf(node: ClusterNode, role: Role, { session, executable, token = "" }: Up): string {
  const facts = [executable.digest, session.inventory.confText, token, node.name, role];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 32);
}

async function stopStale(node: ClusterNode, { marks }: Facts, up: Up): Promise<void> {
  for (const [role, mark] of marks) {
    const isWanted = rolesOf(node).includes(role);
    if (isWanted && mark === markOf(node, role, up)) continue;
    await up.session.ssh.must(node, stopScript(up.session.paths(node), role, stopWithinSec));
  }
}

async function copy(node: ClusterNode, { isCopied }: Facts, up: Up): Promise<void> {
  if (isCopied) return;
  const { path, digest } = up.executable;
  const script = copyScript(up.session.paths(node, digest), digest);
  await up.session.ssh.must(node, script, { stdin: path, withinMs: 600_000 });
}

async function start(node: ClusterNode, facts: Facts, up: Up): Promise<void> {
  const { session, executable, token } = up;
  const paths = session.paths(node, executable.digest);
  const { confText } = session.inventory;
  for (const role of rolesOf(node)) {
    const mark = markOf(node, role, up);
    if (facts.marks.get(role) === mark) continue;
    up.started.set(node, [...(up.started.get(node) ?? []), role]);
    const unit = up.usesUnits ? facts.unit : undefined;
    if (role === "agent" && unit !== undefined) up.throughUnits.add(node);
    const request = { paths, confText, token, node, readyWithinSec, unit };
    await session.ssh.must(node, startScript(request, role, mark));
  }
}

/** Each agent has answered the coordinator. */
async function waitUntilSeen(nodes: readonly ClusterNode[], session: Session): Promise<void> {
  const wanted = nodes.filter((node) => node.agentPort !== undefined).map(({ name }) => name);
  await session.withCoordinator(async (client, target) => {
    const endMs = realClock.nowMs() + seenWithinMs;
    for (;;) {
      const found = new Map((await client.nodes()).map((state) => [state.node, state]));
      const missing = wanted.filter((name) => {
        const state = found.get(name);
        return state?.lastAnswerMs === undefined || state.error !== "";
      });
      if (missing.length === 0) return;
      if (realClock.nowMs() > endMs) {
        const why = missing.map((name) => `${name}: ${found.get(name)?.error || "no answer"}`);
        const message = `the coordinator at ${target} does not reach ${why.join("; ")}`;
        throw new TrogdorError("task", message);
      }
      await realClock.sleep(100);
    }
  });
}

async function takeBack({ session, started }: Up, nodes: readonly ClusterNode[]): Promise<void> {
  if (nodes.length === 0) return;
  const isOurs = (node: ClusterNode, role: Role) => started.get(node)?.includes(role) ?? false;
  const { failures } = await stopDaemons(session, nodes, stopWithinSec, isOurs);
  for (const line of failureLines(failures)) session.host.err.write(`not stopped: ${line}\n`);
}

async function readyText({ session, started, throughUnits, token }: Up): Promise<string> {
  const { nodes, coordinator } = session.inventory;
  const target = `${coordinator.hostname}:${coordinator.coordinatorPort}`;
  const count = `${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}`;
  const units = throughUnits.size === 0 ? "" : ` (${throughUnits.size} by systemd)`;
  const how = started.size === 0 ? "was up already" : `${started.size} of them started now${units}`;
  const hint = token === undefined ? "" : "; `trogdor cluster run` knows its token";
  return `${count}, ${how}; the coordinator is at ${target}${hint}\n`;
}
