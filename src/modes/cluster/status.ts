// `cluster status`: a line for each node: whether it is reached, what runs there, and its work.

import { errorText } from "../../core/trogdor-error.ts";
import { isJsonObject, parseJson } from "../../spec/json.ts";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ClusterNode } from "./inventory.ts";
import type { Role } from "./node-paths.ts";
import { aliveFunction, portOf, rolesOf } from "./node-scripts.ts";
import { onAll } from "./on-all.ts";
import { quoted } from "./quoted.ts";
import { type Session, withSession } from "./session.ts";

export const statusVerb: Command = {
  name: "status",
  summary: "Show for each node what runs there; fail when something is not as it should be.",
  options: [{ name: "json", description: "Print an array of objects." }],
  examples: [{ line: "trogdor cluster status --cluster cluster.json", does: "look at all nodes" }],
  run: (line, host) =>
    withSession(line, host, async (session) => {
      const { nodes } = session.inventory;
      const done = await onAll(nodes, session.stage("asking"), (node) => ask(node, session));
      const errors = new Map(done.failures.map(({ node, error }) => [node.name, errorText(error)]));
      const states = nodes.map((node) => ({
        node: node.name,
        hostname: node.hostname,
        roles: rolesOf(node),
        ...(done.results.get(node.name) ?? { daemons: [], workers: 0, faults: [] }),
        error: errors.get(node.name) ?? "",
      }));
      host.out.write(line.has("json") ? `${JSON.stringify(states)}\n` : states.map(text).join(""));
      const isWell = states.every((each) => each.daemons.length === each.roles.length);
      return isWell ? exitCodes.success.code : exitCodes.failed.code;
    }),
};

interface RunningDaemon {
  readonly role: Role;
  readonly pid: number;
  readonly port: number;
  readonly version: string;
}

interface NodeView {
  readonly daemons: readonly RunningDaemon[];
  readonly workers: number;
  /** Class names of faults in force. */
  readonly faults: readonly string[];
}

async function ask(node: ClusterNode, session: Session): Promise<NodeView> {
  const token = await session.token();
  const paths = session.paths(node);
  const { folder } = paths;
  const credentials = token === undefined ? "" : `--token-file ${quoted(`${folder}/token`)}`;
  const lines = rolesOf(node).map((role) => {
    const client = role === "agent" ? "agent-client" : "client";
    const ask = `${client} status -t localhost:${portOf(node, role)} --json ${credentials}`;
    return `alive ${role} &&
  exe=$(readlink "/proc/$pid/exe") &&
  state=$(timeout 10 "$exe" ${ask}) &&
  echo "${role} $pid $("$exe" --version | cut -d' ' -f2) $state"
`;
  });
  const found = await session.ssh.must(node, `${aliveFunction(paths)}${lines.join("")}true\n`);
  const daemons: RunningDaemon[] = [];
  let workers: readonly string[] = [];
  for (const each of found.trim().split("\n")) {
    const [, role, pid, version, state] = /^(\w+) (\d+) (\S+) (.*)$/.exec(each) ?? [];
    if (role !== "agent" && role !== "coordinator") continue;
    daemons.push({ role, pid: Number(pid), port: portOf(node, role), version: version! });
    if (role === "agent") workers = runningClasses(state!);
  }
  const faults = workers.filter((name) => /Fault(Spec)?$/.test(name));
  return { daemons, workers: workers.length, faults };
}

/** Of an agent's status; the classes without their packages. */
function runningClasses(text: string): string[] {
  const root = parseJson(text, { code: "configuration" });
  const workers = isJsonObject(root) ? root["workers"] : undefined;
  if (!isJsonObject(workers)) return [];
  return Object.values(workers).flatMap((worker) => {
    if (!isJsonObject(worker) || worker["state"] === "DONE") return [];
    const spec = worker["spec"];
    const name = isJsonObject(spec) ? spec["class"] : undefined;
    return [typeof name === "string" ? name.replace(/^.*\./, "") : "unknown"];
  });
}

function text(state: NodeView & { readonly node: string; readonly error: string }): string {
  if (state.error !== "") return `${state.node}: not reached: ${state.error}\n`;
  if (state.daemons.length === 0) return `${state.node}: down\n`;
  const daemons = state.daemons.map(
    ({ role, version, pid, port }) => `${role} ${version} (pid ${pid}, port ${port})`,
  );
  const workers = `${state.workers} ${state.workers === 1 ? "worker" : "workers"}`;
  const faults = state.faults.length === 0 ? "" : `, in force: ${state.faults.join(", ")}`;
  return `${state.node}: ${daemons.join(", ")}, ${workers}${faults}\n`;
}
