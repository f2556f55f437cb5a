// Records how the Java daemons answer the requests of protocol-inputs.json, into
// protocol.golden.json. Run it with `bun test/golden/generate/record-protocol.ts`.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ProtocolStep, playStep } from "../../support/protocol-player.ts";
import { startTrogdorCluster } from "../../support/trogdor-cluster.ts";

async function record(): Promise<void> {
  const inputs = readFileSync(join(import.meta.dir, "protocol-inputs.json"), "utf8");
  const steps = JSON.parse(inputs) as ProtocolStep[];
  await using cluster = await startTrogdorCluster({ coordinator: "java", agents: ["java"] });
  // The agent's part is played on an agent that no coordinator polls: it would stop the workers.
  await using agents = await startTrogdorCluster({ coordinator: "java", agents: ["java"] });
  agents.coordinator.kill("SIGKILL");
  await agents.coordinator.exited;
  const targets = { agent: agents.agentTargets[0]!, coordinator: cluster.coordinatorTarget };
  const exchanges = [];
  for (const step of steps) exchanges.push({ ...step, answer: await playStep(step, targets) });
  const text = `${JSON.stringify(exchanges, null, 2)}\n`;
  writeFileSync(join(import.meta.dir, "..", "protocol.golden.json"), text);
}

record().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
