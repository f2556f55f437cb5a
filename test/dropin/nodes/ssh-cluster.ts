// `trogdor cluster` on test nodes, for tests: runs verbs, makes cluster files, looks at all nodes.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../tidy/source-files.ts";
import { type Ran, type SshNodes, sshNodes } from "./ssh-nodes.ts";

export const executable = join(root, "dist/trogdor");
/** Prints the daemons of `cluster up` on a node. */
export const daemons = "ps ax -o pid=,args= | grep '[t]rogdor-cluster/.*--config' | sort";

export interface SshCluster extends AsyncDisposable {
  readonly nodes: SshNodes;
  readonly env: Readonly<Record<string, string>>;
  /** A verb on all nodes. */
  run(verb: string, ...args: readonly string[]): Promise<Ran>;
  /** A verb on the nodes of a cluster file. */
  runOf(file: string, verb: string, ...args: readonly string[]): Promise<Ran>;
  /** Nodes that are not there may be among the hosts; `more` are settings of ssh. */
  file(name: string, hosts: readonly string[], more?: object): string;
  onAllNodes(command: string): Promise<string[]>;
}

export async function sshCluster(count: number): Promise<SshCluster> {
  const nodes = await sshNodes({ count });
  // A killed one leaves its sockets (TMPDIR); they go with the nodes.
  const env = { XDG_STATE_HOME: nodes.folder, HOME: nodes.folder, TMPDIR: nodes.folder };
  const runOf = (file: string, verb: string, ...args: readonly string[]) => {
    const words = [executable, "cluster", verb, "--cluster", file, "-F", nodes.sshConfigPath];
    return nodes.run([...words, ...args], { env, cwd: nodes.folder, withinMs: 120_000 });
  };
  return {
    nodes,
    env,
    runOf,
    run: (verb, ...args) => runOf(nodes.clusterPath, verb, ...args),
    file(name, hosts, more = {}) {
      const path = join(nodes.folder, name);
      const entries = hosts.map((host) => ({
        externally_routable_ip: host,
        ssh_config: { host, hostname: host, port: 22, user: "ducker", ...more },
      }));
      writeFileSync(path, JSON.stringify({ nodes: entries }));
      return path;
    },
    async onAllNodes(command) {
      const ran = await Promise.all(nodes.names.map((name) => nodes.onNode(name, command)));
      return ran.map(({ stdout }) => stdout.trim());
    },
    [Symbol.asyncDispose]: () => nodes[Symbol.asyncDispose](),
  };
}
