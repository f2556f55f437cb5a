// `trogdor agent-client`: talks to one agent directly, past its coordinator.

import { TrogdorError } from "../../core/trogdor-error.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import type { AgentClient } from "../../rest/agent-client.ts";
import { stateMap, workerTexts } from "../../rest/state-text.ts";
import { withAgent } from "../client/connection.ts";
import { connectionOptions } from "../client/connection-options.ts";
import { newTasks } from "../client/new-tasks.ts";
import { statusText, uptimeText, workerTableText } from "../client/texts/daemon-texts.ts";
import { localZone } from "../client/texts/java-time.ts";
import type { Command, CommandLine, OptionDefinition } from "../command.ts";
import { summaryOf } from "../commands.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ModeHost } from "../mode-host.ts";

const workerIdOption: OptionDefinition = {
  name: "workerId",
  aliases: ["worker-id"],
  value: "N",
  description: "The worker's id, a whole number of 64 bits.",
};

const uptimeVerb: Command = {
  name: "uptime",
  summary: "Show since when the agent runs.",
  options: [],
  examples: [{ line: "trogdor agent-client uptime -t host:8888", does: "ask the agent on host" }],
  run: (line, host) =>
    withAgent(line, host, async (client, target) => {
      const uptime = await client.uptime();
      const zone = localZone(realClock.nowMs());
      const json = `${JSON.stringify(uptime)}\n`;
      host.out.write(line.has("json") ? json : uptimeText("Agent", target, uptime, zone));
      return exitCodes.success.code;
    }),
};

const statusVerb: Command = {
  name: "status",
  summary: "List the agent's workers.",
  options: [],
  examples: [{ line: "trogdor agent-client status", does: "ask the agent on this machine" }],
  run: (line, host) =>
    withAgent(line, host, async (client, target) => {
      const { serverStartMs, workers } = await client.status();
      if (line.has("json")) {
        const states = stateMap(
          workers,
          workerTexts((spec) => spec.text),
        );
        const member = workers.size === 0 ? "" : `,"workers":${states}`;
        host.out.write(`{"serverStartMs":${serverStartMs}${member}}\n`);
        return exitCodes.success.code;
      }
      const zone = localZone(realClock.nowMs());
      host.out.write(statusText("Agent", target, serverStartMs, zone) + workerTableText(workers));
      return exitCodes.success.code;
    }),
};

const createWorkerVerb: Command = {
  name: "createWorker",
  summary: "Start a worker.",
  options: [
    workerIdOption,
    {
      name: "taskId",
      aliases: ["task-id"],
      value: "ID",
      description: "The id of the task that it belongs to.",
    },
    {
      name: "spec",
      short: "s",
      value: "SPEC",
      description: "A file, JSON (anything that begins with {), or - for standard input.",
      completes: "files",
    },
  ],
  examples: [
    {
      line: "trogdor agent-client createWorker --workerId 1 --taskId t1 --spec spec.json",
      does: "start one by hand",
    },
  ],
  async run(line, host) {
    const workerId = workerIdOf(line);
    const taskId = line.value("taskId") ?? "";
    if (taskId === "") throw new TrogdorError("usage", "Missing option --taskId ID");
    const [task] = await newTasks(line, host);
    return await send(line, host, `Sent CreateWorkerRequest for worker ${workerId}.`, (client) =>
      client.createWorker(workerId, taskId, task!.text),
    );
  },
};

const stopWorkerVerb: Command = {
  name: "stopWorker",
  summary: "Stop a worker; it keeps its result.",
  options: [workerIdOption],
  examples: [{ line: "trogdor agent-client stopWorker --workerId 1", does: "stop it" }],
  run: (line, host) => {
    const workerId = workerIdOf(line);
    return send(line, host, `Sent StopWorkerRequest for worker ${workerId}.`, (client) =>
      client.stopWorker(workerId),
    );
  },
};

const destroyWorkerVerb: Command = {
  name: "destroyWorker",
  summary: "Stop a worker and forget it with its result.",
  options: [workerIdOption],
  examples: [{ line: "trogdor agent-client destroyWorker --workerId 1", does: "forget it" }],
  run: (line, host) => {
    const workerId = workerIdOf(line);
    return send(line, host, `Sent DestroyWorkerRequest for worker ${workerId}.`, (client) =>
      client.destroyWorker(workerId),
    );
  },
};

const shutdownVerb: Command = {
  name: "shutdown",
  summary: "Stop the agent's workers and end it.",
  options: [],
  examples: [{ line: "trogdor agent-client shutdown -t host:8888", does: "end the agent on host" }],
  run: (line, host) => send(line, host, "Sent ShutdownRequest.", (client) => client.shutdown()),
};

export const agentClientCommand: Command = {
  name: "agent-client",
  summary: summaryOf("agent-client"),
  verbs: [
    statusVerb,
    uptimeVerb,
    createWorkerVerb,
    stopWorkerVerb,
    destroyWorkerVerb,
    shutdownVerb,
  ],
  options: connectionOptions("agent"),
  examples: [{ line: "trogdor agent-client status -t host:8888", does: "list its workers" }],
  run: async () => exitCodes.usage.code,
};

function workerIdOf(line: CommandLine): bigint {
  const text = line.value("workerId");
  if (text === undefined) throw new TrogdorError("usage", "Missing option --workerId N");
  const id = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (id !== undefined && BigInt.asIntN(64, id) === id) return id;
  throw new TrogdorError(
    "usage",
    `Option "--workerId" is "${text}"; expected a whole number of 64 bits`,
  );
}

async function send(
  line: CommandLine,
  host: ModeHost,
  done: string,
  call: (client: AgentClient) => Promise<void>,
): Promise<number> {
  return await withAgent(line, host, async (client) => {
    await call(client);
    host.out.write(`${line.has("json") ? "{}" : done}\n`);
    return exitCodes.success.code;
  });
}
