// Stops the clusters named on stdin, one a line, when stdin closes: that is when the process that
// started them has ended, by whatever means.

import { stopCluster } from "./cluster.ts";

async function main(): Promise<void> {
  const names = (await Bun.stdin.text()).split("\n").filter((name) => name !== "");
  await Promise.all(names.map((name) => stopCluster(name, true)));
}

main().catch((error: unknown) => {
  process.stderr.write(`keeper: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
