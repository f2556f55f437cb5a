// Makes what tests make, tells of it in one line of JSON, and waits to be killed: for the test of
// orphans.ts.

import { mountFolder } from "../../kibosh/mounted-folder.suite.ts";
import { networkNamespace } from "../../test/support/network-namespace.ts";
import { makerMark } from "../kafka-cluster/maker-mark.ts";
import { identifyProcess } from "../kafka-cluster/process-identity.ts";

async function main(): Promise<void> {
  const { folder, mirror } = await mountFolder();
  const { name } = await networkNamespace();
  // It outlives its maker, as a daemon of a test does.
  const child = Bun.spawn(["sleep", "600"], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore"],
    env: { ...process.env, TROGDOR_TEST_RUN: `${makerMark()}-0` },
  });
  const made = { folder, mirror, namespace: name, process: identifyProcess(child.pid) };
  process.stdout.write(`${JSON.stringify(made)}\n`);
  await Bun.sleep(600_000);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
