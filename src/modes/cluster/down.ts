// `cluster down`: agents stop first, with their workers and faults, then the coordinator; then
// every node is looked at for what is left. `cluster clean` also removes the files.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Command, OptionDefinition } from "../command.ts";
import { wholeNumber } from "../daemon/whole-number.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ClusterNode } from "./inventory.ts";
import type { Role } from "./node-paths.ts";
import { leftoverScript, stopScript } from "./node-scripts.ts";
import { failureLines, type OnAll, onAll } from "./on-all.ts";
import { quoted } from "./quoted.ts";
import { type Session, withSession } from "./session.ts";

const withinOption: OptionDefinition = {
  name: "within",
  value: "SECONDS",
  description: "How long a daemon may take to end before it is killed. Default 20.",
};

export const downVerb: Command = {
  name: "down",
  summary: "Stop agents and coordinator on all nodes; tell what is left.",
  options: [withinOption],
  examples: [{ line: "trogdor cluster down --cluster cluster.json", does: "stop everything" }],
  run: (line, host) =>
    withSession(line, host, async (session) => {
      const withinSec = wholeNumber(line, "within", { lowest: 1, highest: 3600 }, 20);
      await stopAndVerify(session, withinSec);
      host.out.write(`${countText(session)} down; logs and results stay in ${session.root}\n`);
      return exitCodes.success.code;
    }),
};

export const cleanVerb: Command = {
  name: "clean",
  summary: "Stop what runs on all nodes and remove all files of earlier runs.",
  options: [withinOption],
  examples: [{ line: "trogdor cluster clean -c trogdor.conf", does: "leave nothing on the nodes" }],
  run: (line, host) =>
    withSession(line, host, async (session) => {
      const withinSec = wholeNumber(line, "within", { lowest: 1, highest: 3600 }, 20);
      await stopAndVerify(session, withinSec);
      const root = quoted(session.root);
      const script = `if [ -d ${root} ] && [ ! -O ${root} ]; then
  echo ${root} belongs to somebody else >&2
  exit 1
fi
rm -rf -- ${root}`;
      const { nodes } = session.inventory;
      const done = await onAll(nodes, session.stage("removing"), (node) =>
        session.ssh.must(node, script),
      );
      refuse(done, "could not be cleaned");
      session.forgetToken();
      host.out.write(`${countText(session)} clean\n`);
      return exitCodes.success.code;
    }),
};

/**
 * The coordinator last: it then knows how the agents' workers ended. Daemons that are not wanted
 * are left alone.
 */
export async function stopDaemons(
  session: Session,
  nodes: readonly ClusterNode[],
  withinSec: number,
  isWanted: (node: ClusterNode, role: Role) => boolean = () => true,
): Promise<OnAll<unknown>> {
  const stop = (role: Role) => async (node: ClusterNode) => {
    if (!isWanted(node, role)) return;
    const script = stopScript(session.paths(node), role, withinSec);
    const limits = { withinMs: (withinSec + 60) * 1000 };
    const said = await session.ssh.must(node, script, limits);
    if (said.includes("killed")) {
      const text = `${node.name}: the ${role} did not end within ${withinSec} s and was killed\n`;
      session.host.err.write(text);
    }
  };
  const agents = await onAll(nodes, session.stage("stopping agents"), stop("agent"));
  const reached = nodes.filter(({ name }) => agents.results.has(name));
  const last = await onAll(reached, session.stage("stopping"), stop("coordinator"));
  return { results: last.results, failures: [...agents.failures, ...last.failures] };
}

async function stopAndVerify(session: Session, withinSec: number): Promise<void> {
  const { nodes } = session.inventory;
  const stopped = await stopDaemons(session, nodes, withinSec);
  const reached = nodes.filter(({ name }) => stopped.results.has(name));
  const looked = await onAll(reached, session.stage("verifying"), async (node) => {
    const left = await session.ssh.must(node, leftoverScript(session.paths(node), node));
    if (left.trim() !== "") throw new TrogdorError("task", `left: ${left.trim()}`);
  });
  refuse({ ...looked, failures: [...stopped.failures, ...looked.failures] }, "not down");
}

function refuse({ failures }: OnAll<unknown>, what: string): void {
  if (failures.length === 0) return;
  const lines = failureLines(failures).map((line) => `\n  ${line}`);
  const count = failures.length === 1 ? "1 node is" : `${failures.length} nodes are`;
  throw new TrogdorError("task", `${count} ${what}:${lines.join("")}`);
}

function countText({ inventory }: Session): string {
  const { length } = inventory.nodes;
  return length === 1 ? "1 node is" : `${length} nodes are`;
}
