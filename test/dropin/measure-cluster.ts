// How long `trogdor cluster up` takes for many nodes on one machine; run by hand, as root:
//   node_modules/.bin/bun test/dropin/measure-cluster.ts 20

import { join } from "node:path";
import { root } from "../tidy/source-files.ts";
import { sshNodes } from "./nodes/ssh-nodes.ts";

async function main(count: number): Promise<void> {
  await using nodes = await sshNodes({ count });
  const env = { XDG_STATE_HOME: nodes.folder, HOME: nodes.folder };
  for (const verb of ["up", "up", "status", "down", "clean"]) {
    const words = [join(root, "dist/trogdor"), "cluster", verb, "--cluster", nodes.clusterPath];
    const startedMs = performance.now();
    const ran = await nodes.run([...words, "-F", nodes.sshConfigPath], { env, withinMs: 300_000 });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    process.stdout.write(`${verb}: ${seconds} s, exit code ${ran.exitCode}\n${ran.stderr}`);
  }
}

void main(Number(process.argv[2] ?? 20));
