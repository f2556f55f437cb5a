// `cluster collect`: logs, configuration and tasks of all nodes into one local folder.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import { stateMap, taskTexts } from "../../rest/state-text.ts";
import type { Command } from "../command.ts";
import { wholeNumber } from "../daemon/whole-number.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ClusterNode } from "./inventory.ts";
import { failureLines, type NodeFailure, onAll } from "./on-all.ts";
import { quoted } from "./quoted.ts";
import { type Session, withSession } from "./session.ts";

export const collectVerb: Command = {
  name: "collect",
  summary: "Copy logs and configuration of all nodes, and all tasks, into a local folder.",
  operand: {
    name: "DIR",
    required: true,
    repeatable: false,
    description: "The folder; made when it is missing.",
    completes: "files",
  },
  options: [
    {
      name: "max-size",
      value: "MB",
      description: "Log files of a node that are larger are left out. Default 100.",
    },
  ],
  examples: [
    { line: "trogdor cluster collect --cluster cluster.json logs", does: "keep the logs" },
  ],
  run: (line, host) =>
    withSession(line, host, async (session) => {
      const sizeMbMax = wholeNumber(line, "max-size", { lowest: 1, highest: 100_000 }, 100);
      const folder = line.operands[0]!;
      const failures = await collect(session, folder, sizeMbMax);
      for (const each of failureLines(failures)) host.err.write(`not collected: ${each}\n`);
      const taskError = await collectTasks(session, folder);
      if (taskError !== "") host.err.write(`no tasks: ${taskError}\n`);
      host.out.write(`${folder}\n`);
      return failures.length === 0 ? exitCodes.success.code : exitCodes.failed.code;
    }),
};

/** Into DIR/nodes/NAME. */
export async function collect(
  session: Session,
  folder: string,
  sizeMbMax: number,
): Promise<readonly NodeFailure[]> {
  const { nodes } = session.inventory;
  const { failures } = await onAll(nodes, session.stage("collecting"), (node) =>
    collectNode(session, node, join(folder, "nodes", encodeURIComponent(node.name)), sizeMbMax),
  );
  return failures;
}

async function collectNode(
  session: Session,
  node: ClusterNode,
  target: string,
  sizeMbMax: number,
): Promise<void> {
  mkdirSync(target, { recursive: true });
  const archive = join(target, ".collected.tgz");
  const { folder } = session.paths(node);
  const script = `cd ${quoted(folder)} || { echo "nothing is at ${folder}" >&2; exit 1; }
find logs trogdor.conf -type f -size -${sizeMbMax * 1024}k | tar -czf - -T -
`;
  try {
    await session.ssh.must(node, script, { stdout: archive, withinMs: 600_000 });
    const unpacked = Bun.spawnSync(["tar", "-xzf", archive, "-C", target, "--no-same-owner"]);
    if (unpacked.exitCode !== 0) throw new TrogdorError("task", unpacked.stderr.toString().trim());
  } finally {
    rmSync(archive, { force: true });
  }
}

/** Why there are none; "" when they were written. */
async function collectTasks(session: Session, folder: string): Promise<string> {
  try {
    const tasks = await session.withCoordinator((client) => client.wholeTasks());
    const states = stateMap(tasks, taskTexts({ specText: (spec) => spec.text }));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "tasks.json"), `{"tasks":${states}}\n`);
    return "";
  } catch (error) {
    return errorText(error);
  }
}
