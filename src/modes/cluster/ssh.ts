// Runs shell commands on nodes through the system's own ssh, so that its configuration, its agent,
// jump hosts and known hosts hold. One connection for each node is shared by all commands; it ends
// with `close`. Nothing ever asks a question: a key or an agent has to be there.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { ClusterNode } from "./inventory.ts";
import { quoted } from "./quoted.ts";

export interface SshOptions {
  readonly connectTimeoutSec: number;
  readonly configPath: string | undefined;
  readonly user: string | undefined;
  /** As after `ssh -o`. */
  readonly more: readonly string[];
}

export interface RemoteRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunLimits {
  /** A local file that the script reads; the script then shows in the node's list of processes. */
  readonly stdin?: string;
  /** A local file that takes what the command prints. */
  readonly stdout?: string;
  readonly withinMs?: number;
  /** Ends it early, for example at Ctrl-C. */
  readonly signal?: AbortSignal;
}

export interface Ssh {
  /** Rejects with a sentence that names the node when it cannot be reached. */
  run(node: ClusterNode, script: string, limits?: RunLimits): Promise<RemoteRun>;
  /** Like run; rejects when the command fails. */
  must(node: ClusterNode, script: string, limits?: RunLimits): Promise<string>;
  close(): Promise<void>;
}

const keepAliveSec = 30;
const runWithinMs = 120_000;
const outputSizeBytesMax = 4 * 1024 * 1024;

export function openSsh(options: SshOptions): Ssh {
  const sockets = mkdtempSync(join(tmpdir(), "trogdor-ssh-"));
  const base = sshArguments(options, sockets);
  const reached = new Map<string, ClusterNode>();
  const run = async (node: ClusterNode, script: string, limits: RunLimits = {}) => {
    reached.set(node.name, node);
    // On standard input it is in no list of processes: it may hold a token.
    const remote = limits.stdin === undefined ? "sh" : `sh -c ${quoted(script)}`;
    const command = ["ssh", ...base, ...nodeArguments(node, options), remote];
    const ran = await start(command, limits, script);
    if (ran.exitCode === 255) throw new TrogdorError("unavailable", reason(node, ran.stderr));
    return ran;
  };
  return {
    run,
    async must(node, script, limits) {
      const { exitCode, stdout, stderr } = await run(node, script, limits);
      if (exitCode === 0) return stdout;
      const said = (stderr.trim() || stdout.trim()).split("\n").slice(-20).join("\n  ");
      throw new TrogdorError("task", said === "" ? `a command ended with ${exitCode}` : said);
    },
    async close() {
      await Promise.all(
        [...reached.values()].map((node) => {
          const command = ["ssh", ...base, "-O", "exit", ...nodeArguments(node, options)];
          return start(command, { withinMs: 5000 }, "").catch(() => undefined);
        }),
      );
      rmSync(sockets, { recursive: true, force: true });
    },
  };
}

function sshArguments(options: SshOptions, sockets: string): string[] {
  const settings = [
    ...options.more,
    "BatchMode=yes",
    `ConnectTimeout=${options.connectTimeoutSec}`,
    `ServerAliveInterval=${keepAliveSec}`,
    "ControlMaster=auto",
    `ControlPath=${join(sockets, "%C")}`,
    // If this process is killed, its connections end by themselves.
    "ControlPersist=60",
    "ForwardX11=no",
  ];
  const config = options.configPath === undefined ? [] : ["-F", options.configPath];
  return [...config, ...settings.flatMap((setting) => ["-o", setting]), "-T"];
}

function nodeArguments({ ssh }: ClusterNode, options: SshOptions): string[] {
  const user = options.user ?? ssh.user;
  return [
    ...(user === undefined ? [] : ["-l", user]),
    ...(ssh.port === undefined ? [] : ["-p", String(ssh.port)]),
    ...(ssh.identityFile === undefined ? [] : ["-i", ssh.identityFile]),
    ssh.hostname,
  ];
}

async function start(
  command: readonly string[],
  limits: RunLimits,
  input: string,
): Promise<RemoteRun> {
  const child = spawn(command, limits, input);
  const stdout = limits.stdout === undefined ? textOf(child.stdout) : Promise.resolve("");
  const [text, stderr, exitCode] = await Promise.all([stdout, textOf(child.stderr), child.exited]);
  if (child.signalCode !== null) {
    const seconds = (limits.withinMs ?? runWithinMs) / 1000;
    return { exitCode: 255, stdout: text, stderr: `it did not end within ${seconds} s` };
  }
  return { exitCode, stdout: text, stderr };
}

function spawn(
  command: readonly string[],
  { stdin, stdout, withinMs, signal }: RunLimits,
  input: string,
) {
  try {
    return Bun.spawn([...command], {
      stdin: stdin === undefined ? new Blob([input]) : Bun.file(stdin),
      stdout: stdout === undefined ? "pipe" : Bun.file(stdout),
      stderr: "pipe",
      timeout: withinMs ?? runWithinMs,
      killSignal: "SIGKILL",
      maxBuffer: outputSizeBytesMax,
      ...(signal === undefined ? {} : { signal }),
      env: { ...process.env, BUN_BE_BUN: undefined, BUN_OPTIONS: undefined },
    });
  } catch (error) {
    throw new TrogdorError("task", "there is no ssh here: install OpenSSH's client", {
      cause: error,
    });
  }
}

async function textOf(stream: unknown): Promise<string> {
  return stream instanceof ReadableStream ? await new Response(stream).text() : "";
}

const reasons: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/Connection refused/, "it refuses connections on its SSH port"],
  [/timed out|Operation timed out|did not end within/i, "it does not answer in time"],
  [/No route to host|Network is unreachable/, "there is no way to it"],
  [/Could not resolve hostname/, "its name is not known"],
  [
    /Host key verification failed|No .* host key is known/,
    "its host key is not known or has changed; connect once with ssh and check it",
  ],
  [
    /Permission denied/,
    "it lets nobody in without a password; give it a key, or let ssh know the right one " +
      "(ssh-agent, IdentityFile)",
  ],
];

/** What ssh said, in words; its own last line where it is something else. */
export function reason(node: ClusterNode, stderr: string): string {
  const found = reasons.find(([pattern]) => pattern.test(stderr));
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return `${found?.[1] ?? "ssh failed"} (${node.ssh.hostname}: ${last})`;
}
