// How the command line reaches a daemon: target, token and TLS from options and environment, and
// what a failed call means for the person who made it: one sentence that names the target and what
// to do.

import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import { type AgentClient, agentClient } from "../../rest/agent-client.ts";
import type { ClientOptions } from "../../rest/client-calls.ts";
import { type CoordinatorClient, coordinatorClient } from "../../rest/coordinator-client.ts";
import { NoAnswerError } from "../../rest/http-call.ts";
import { readCredentials } from "../../rest/listening.ts";
import type { CommandLine } from "../command.ts";
import type { ModeHost } from "../mode-host.ts";
import { parseTarget, type Target } from "./target.ts";

export type DaemonKind = "coordinator" | "agent";

export const defaultPorts: Readonly<Record<DaemonKind, number>> = {
  coordinator: 8889,
  agent: 8888,
};

export const targetVariables: Readonly<Record<DaemonKind, string>> = {
  coordinator: "TROGDOR_TARGET",
  agent: "TROGDOR_AGENT_TARGET",
};

/** Runs `use` with a client; its failures come as sentences about the target. */
export async function withCoordinator<T>(
  line: CommandLine,
  host: ModeHost,
  use: (client: CoordinatorClient, target: string) => Promise<T>,
): Promise<T> {
  const target = targetOf("coordinator", line, host);
  const client = coordinatorClient(await clientOptions("coordinator", target, line, host));
  return await used("coordinator", target, client, use);
}

export async function withAgent<T>(
  line: CommandLine,
  host: ModeHost,
  use: (client: AgentClient, target: string) => Promise<T>,
  target: Target = targetOf("agent", line, host),
): Promise<T> {
  const client = agentClient(await clientOptions("agent", target, line, host));
  return await used("agent", target, client, use);
}

async function used<Client extends { close(): void }, T>(
  kind: DaemonKind,
  target: Target,
  client: Client,
  use: (client: Client, target: string) => Promise<T>,
): Promise<T> {
  try {
    return await use(client, target.text);
  } catch (error) {
    throw explained(error, kind, target.text);
  } finally {
    client.close();
  }
}

function targetOf(kind: DaemonKind, line: CommandLine, host: ModeHost): Target {
  const port = defaultPorts[kind];
  const variable = host.env[targetVariables[kind]];
  const byDefault = variable === undefined || variable === "" ? `localhost:${port}` : variable;
  return parseTarget(line.value("target") ?? byDefault, port);
}

/** For each of three tries. An agent answers a create only when the worker has started. */
const triesTimeoutMs: Readonly<Record<DaemonKind, number>> = { coordinator: 10_000, agent: 30_000 };

async function clientOptions(
  kind: DaemonKind,
  { hostname, port, isHttps }: Target,
  line: CommandLine,
  { env }: ModeHost,
): Promise<ClientOptions> {
  const credentials = await readCredentials({
    tokenFile: line.value("token-file"),
    token: env["TROGDOR_TOKEN"] === "" ? undefined : env["TROGDOR_TOKEN"],
    tlsCert: line.value("tls-cert"),
    tlsKey: line.value("tls-key"),
    tlsCa: line.value("tls-ca"),
  });
  const tls = isHttps ? { tls: credentials.tls ?? {} } : {};
  return {
    hostname,
    port,
    clock: realClock,
    timeoutMs: triesTimeoutMs[kind],
    ...credentials,
    ...tls,
  };
}

/** An error of a call, in words for the person who made it; all others as they are. */
export function explained(error: unknown, kind: DaemonKind, target: string): unknown {
  if (!(error instanceof TrogdorError)) return error;
  const says = (message: string) => new TrogdorError(error.code, message, { cause: error });
  const at = `the ${kind} at ${target}`;
  if (error instanceof NoAnswerError) return says(noAnswerText(error, kind, target));
  switch (error.code) {
    case "unknownClass":
      return says(
        `${at} lacks the task's class; it may be an older or a Java Trogdor: ${error.message}`,
      );
    case "refused":
      return says(
        `${at} refused the call: ${error.message}; give its token with --token-file FILE or ` +
          "TROGDOR_TOKEN, or a certificate with --tls-cert and --tls-key",
      );
    case "invalidRequest":
    case "conflict":
      return says(`${at} refused the call: ${error.message}`);
    case "notFound":
      return says(
        `${at} does not have what was asked for: ${error.message}; check that the port of ` +
          `--target is that of the ${kind}`,
      );
    case "unavailable":
      return says(`${at} could not do it: ${error.message}`);
    default:
      return error;
  }
}

function noAnswerText(error: NoAnswerError, kind: DaemonKind, target: string): string {
  const garbled = /^the answer to (.*) was not understood: (.*)$/s.exec(error.message);
  if (garbled !== null) {
    return (
      `what answers at ${target} is not a Trogdor ${kind}: ${garbled[2]}; check the port of ` +
      "--target"
    );
  }
  const variable = targetVariables[kind];
  return (
    `no ${kind} answers at ${target} (${connectionText(error)}); start one there with ` +
    `\`trogdor ${kind}\`, or name another with --target HOST:PORT or ${variable}`
  );
}

const connectionTexts: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was closed without an answer",
  EPROTO: "it does not speak TLS there",
  EHOSTUNREACH: "there is no way to the host",
  ENETUNREACH: "there is no way to the host",
  ENOTFOUND: "the host is not known",
};

function connectionText(error: Error): string {
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const known = connectionTexts[code];
  if (known !== undefined) return known;
  const timeout = /no answer within \d+ ms$/.exec(error.message)?.[0];
  return timeout ?? errorText(cause ?? error);
}
