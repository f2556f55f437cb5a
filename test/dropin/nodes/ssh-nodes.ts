// Machines for tests of what goes over SSH: `trog1`, `trog2`, ... at 10.99.7.11 and on, each a set
// of namespaces with an sshd, reached from a network of their own. Nothing of it is visible outside
// and nothing is left when the test ends or is killed. `scripts/bootstrap --ducktape` brings the
// programs that a node has beside this machine's: sshd, sudo, nc, fusermount.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/daemon-process.ts";
import { root } from "../../tidy/source-files.ts";

export interface SshNodesRequest {
  readonly count: number;
  /** Folders of this machine and where they appear in every node. */
  readonly binds?: readonly (readonly [source: string, target: string])[];
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SshNodes extends AsyncDisposable {
  /** Keys, the cluster file, and what the test puts there. */
  readonly folder: string;
  readonly names: readonly string[];
  readonly keyPath: string;
  /** A configuration of ssh that reaches the nodes as `ducker`. */
  readonly sshConfigPath: string;
  /** A cluster file of ducktape. */
  readonly clusterPath: string;
  /** Runs a program of this machine inside the nodes' network. */
  run(command: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs a shell command on a node, as root unless told otherwise. */
  onNode(name: string, command: string, user?: string): Promise<Ran>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly withinMs?: number;
}

export const nodePrograms = join(root, ".tools/ssh-node-programs");
const readyWithinMs = 30_000;

export async function sshNodes({ count, binds = [] }: SshNodesRequest): Promise<SshNodes> {
  if (!existsSync(nodePrograms)) throw new Error("run scripts/bootstrap --ducktape first");
  const folder = mkdtempSync(join(tmpdir(), "trogdor-nodes-"));
  const names = Array.from({ length: count }, (_, index) => `trog${index + 1}`);
  const keyPath = join(folder, "key");
  writeFiles(folder, names);
  await makeKeys(folder);
  mkdirSync(join(folder, "root"));
  await must(["cp", "-a", `${nodePrograms}/.`, join(folder, "root")]);
  const unshare = ["--net", "--mount", "--pid", "--uts", "--fork", "--kill-child"];
  const script = join(import.meta.dir, "hub.sh");
  const hub = Bun.spawn(
    [
      ...["setpriv", "--pdeathsig", "KILL", "unshare", ...unshare],
      ...["bash", script, folder, String(count)],
      ...binds.map(([source, target]) => `${source}:${target}`),
    ],
    { stdin: "ignore", stdout: "ignore", stderr: Bun.file(join(folder, "hub.log")) },
  );
  const dispose = async () => {
    hub.kill("SIGKILL");
    await hub.exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const ready = () => hub.exitCode !== null || existsSync(join(folder, "ready"));
  if (!(await eventually(ready, readyWithinMs)) || hub.exitCode !== null) {
    const log = readFileSync(join(folder, "hub.log"), "utf8");
    await dispose();
    throw new Error(`the nodes did not start:\n${log}`);
  }
  const hubPid = readFileSync(`/proc/${hub.pid}/task/${hub.pid}/children`, "utf8").trim();
  const sshConfigPath = join(folder, "ssh_config");
  const run = (command: readonly string[], options: RunOptions = {}) =>
    runBounded(
      [
        ...["nsenter", "--target", hubPid, "--net", "--mount", "--pid"],
        ...(options.cwd === undefined ? [] : [`--wdns=${options.cwd}`]),
        ...["setpriv", "--pdeathsig", "KILL", ...command],
      ],
      options,
    );
  return {
    folder,
    names,
    keyPath,
    sshConfigPath,
    clusterPath: join(folder, "cluster.json"),
    run,
    onNode: (name, command, user = "root") =>
      run(["ssh", "-F", sshConfigPath, "-l", user, name, command]),
    [Symbol.asyncDispose]: dispose,
  };
}

function writeFiles(folder: string, names: readonly string[]): void {
  const hosts = names.map((name, index) => `10.99.7.${11 + index} ${name}\n`);
  writeFileSync(join(folder, "hosts"), `127.0.0.1 localhost\n10.99.7.1 driver\n${hosts.join("")}`);
  writeFileSync(
    join(folder, "ssh_config"),
    `Host *
  User ducker
  IdentityFile ${join(folder, "key")}
  IdentitiesOnly yes
  UserKnownHostsFile ${join(folder, "known_hosts")}
  GlobalKnownHostsFile /dev/null
  LogLevel ERROR
`,
  );
  const nodes = names.map((name) => ({
    externally_routable_ip: name,
    ssh_config: {
      host: name,
      hostname: name,
      port: 22,
      user: "ducker",
      identityfile: join(folder, "key"),
      password: null,
    },
  }));
  writeFileSync(join(folder, "cluster.json"), JSON.stringify({ nodes }, null, 2));
}

/** One host key for all nodes, and the key that they let in. */
async function makeKeys(folder: string): Promise<void> {
  const make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "trogdor-test", "-f"];
  await must([...make, join(folder, "key")]);
  await must([...make, join(folder, "host_key")]);
  const hostKey = readFileSync(join(folder, "host_key.pub"), "utf8");
  writeFileSync(join(folder, "known_hosts"), `trog*,10.99.7.* ${hostKey}`);
}

async function must(command: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runBounded(command, {});
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}

async function runBounded(command: readonly string[], options: RunOptions): Promise<Ran> {
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: options.withinMs ?? 60_000,
    killSignal: "SIGKILL",
    env: { ...process.env, ...options.env },
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}
