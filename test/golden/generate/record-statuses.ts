// Records the last status of the Java Trogdor's workloads, each run once and small against a real
// broker: `node_modules/.bin/bun test/golden/generate/record-statuses.ts [NAME...]`. It takes
// minutes, since Java's consumers say only after a minute that they are done; with names, only those
// are recorded anew.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startCluster, stopCluster } from "../../../scripts/kafka-cluster/cluster.ts";
import {
  adminConf,
  environment,
  unstopped,
} from "../../../src/kafka/conformance/test-load.suite.ts";
import { nativeClients } from "../../../src/kafka/native/clients.ts";
import { javaTrogdorCommand } from "../../support/trogdor-cluster.ts";
import { shareGroup, statusSpecs } from "../../interop/status-specs.ts";

const clusterName = "golden-statuses";
const fileName = resolve(import.meta.dir, "../statuses.golden.json");
const withinMs = 240_000;

async function runJava(folder: string, spec: object): Promise<unknown> {
  const conf = join(folder, "trogdor.conf");
  const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
  const nodes = { node0: { hostname: "localhost", "trogdor.agent.port": 18_888 } };
  writeFileSync(conf, JSON.stringify({ platform, nodes }));
  const command = await javaTrogdorCommand("agent");
  const run = Bun.spawn([...command, "-c", conf, "-n", "node0", "--exec", JSON.stringify(spec)], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: withinMs,
  });
  const texts = [run.stdout, run.stderr].map((stream) => new Response(stream).text());
  const [stdout = "", stderr = ""] = await Promise.all(texts);
  const [, text] = /^Task succeeded with status (.*)/ms.exec(stdout) ?? [];
  if (text === undefined) throw new Error(`no status in:\n${stdout}\n${stderr}`);
  return JSON.parse(text.replace(/^Running agent shutdown hook\..*/ms, ""));
}

async function main(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "golden-statuses-"));
  const features = { "share.version": "1" };
  const request = { name: clusterName, port: "auto", features } as const;
  const { data } = await startCluster(request);
  try {
    const before = existsSync(fileName) ? readFileSync(fileName, "utf8") : "{}";
    const recorded = JSON.parse(before) as Record<string, unknown>;
    const servers = data.bootstrapServers.PLAINTEXT;
    const conf = await adminConf({ "bootstrap.servers": servers });
    const groups = nativeClients.groupAdmin(conf, environment);
    const earliest = new Map([["share.auto.offset.reset", "earliest"]]);
    await groups.alterGroupConfigs(shareGroup, earliest, unstopped);
    await groups.close();
    for (const { name, spec } of statusSpecs(servers)) {
      if (names.length > 0 && !names.includes(name)) continue;
      recorded[name] = await runJava(folder, spec);
      process.stderr.write(`${name}: ${JSON.stringify(recorded[name])}\n`);
      writeFileSync(fileName, `${JSON.stringify(recorded, null, 2)}\n`);
    }
  } finally {
    await stopCluster(clusterName, true);
    rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
