// `nodes` and `logs`: what the coordinator knows of its agents, and what an agent has logged.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { realClock } from "../../../platform/clock/real-clock.ts";
import type { CoordinatorClient } from "../../../rest/coordinator-client.ts";
import type { NodeState } from "../../../rest/coordinator-extras.ts";
import type { Command, CommandLine } from "../../command.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { ModeHost } from "../../mode-host.ts";
import { withAgent, withCoordinator } from "../connection.ts";
import { terminalStyle } from "../shown.ts";
import type { Target } from "../target.ts";
import { nodeTableText } from "../texts/node-texts.ts";

export const nodesVerb: Command = {
  name: "nodes",
  summary: "List the agents: whether they answer, their versions, clocks and workers.",
  options: [],
  examples: [{ line: "trogdor client nodes", does: "see which agents are there" }],
  run: (line, host) =>
    withCoordinator(line, host, async (client, target) => {
      const nodes = await nodesOf(client, target);
      const style = terminalStyle(line, host);
      host.out.write(
        line.has("json")
          ? `${JSON.stringify({ nodes })}\n`
          : nodeTableText(nodes, realClock.nowMs(), style),
      );
      return exitCodes.success.code;
    }),
};

async function nodesOf(client: CoordinatorClient, target: string): Promise<readonly NodeState[]> {
  try {
    return await client.nodes();
  } catch (error) {
    if (!(error instanceof TrogdorError) || error.code !== "notFound") throw error;
    const message = `the coordinator at ${target} is a Java one and does not tell of its nodes`;
    throw new TrogdorError("task", message, { cause: error });
  }
}

export const logsVerb: Command = {
  name: "logs",
  summary: "Show what an agent has logged, for one task or all.",
  operand: {
    name: "NODE",
    usage: "NODE [TASK]",
    required: true,
    repeatable: true,
    description: "The node's name in the cluster, and the id of a task.",
    completes: "nothing",
  },
  options: [
    { name: "lines", short: "n", value: "N", description: "How many lines at most. Default 100." },
  ],
  examples: [
    { line: "trogdor client logs node1", does: "the last 100 lines" },
    { line: "trogdor client logs node1 produce-1", does: "what one task did there" },
  ],
  async run(line, host) {
    const [name = "", taskId, more] = line.operands;
    if (more !== undefined) {
      throw new TrogdorError(
        "usage",
        `Unexpected argument "${more}": logs takes a node and a task`,
      );
    }
    const lines = lineCount(line);
    const found = await withCoordinator(line, host, async (client, target) => ({
      ...findNode(await nodesOf(client, target), name, target),
      // A coordinator that speaks TLS has agents that do.
      isHttps: client.url.startsWith("https:"),
    }));
    return await showLogs(found, taskId, lines, line, host);
  },
};

function lineCount(line: CommandLine): number {
  const text = line.value("lines") ?? "100";
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new TrogdorError(
    "usage",
    `Option "--lines" is "${text}"; expected a whole number from 1 to 999999`,
  );
}

function findNode(nodes: readonly NodeState[], name: string, target: string): NodeState {
  const found = nodes.find(({ node }) => node === name);
  if (found !== undefined) return found;
  const known = nodes.map(({ node }) => node).join(", ");
  throw new TrogdorError(
    "usage",
    `The coordinator at ${target} has no agent on "${name}"; its agents are on ` +
      `${known || "no node"}`,
  );
}

async function showLogs(
  { hostname, port, isHttps }: Pick<Target, "hostname" | "port" | "isHttps">,
  taskId: string | undefined,
  lines: number,
  line: CommandLine,
  host: ModeHost,
): Promise<number> {
  const text = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  const target = { hostname, port, text, isHttps };
  const logged = await withAgent(
    line,
    host,
    (client) => client.logs({ lines, ...(taskId === undefined ? {} : { taskId }) }),
    target,
  );
  if (line.has("json")) host.out.write(`${JSON.stringify({ lines: logged })}\n`);
  else host.out.write(logged.map((each) => `${each}\n`).join(""));
  return exitCodes.success.code;
}
