// scripts/kafkatest: Apache Kafka's system tests from a source tree that the user has, on nodes of
// test/dropin. Kafka's own Java programs are that tree's; trogdor.sh and kibosh are ours.

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type SshNodes, sshNodes } from "../../test/dropin/nodes/ssh-nodes.ts";

const ROOT = resolve(import.meta.dir, "../..");
const OLDEST_DUCKTAPE = join(ROOT, ".tools/ducktape-0.12.0/bin/python");
const DEFAULT_TESTS = ["kafkatest/tests/tools/trogdor_test.py"];
const DUCKTAPE = "from ducktape.command_line.main import main; main()";
const withinMs = 12 * 60 * 60_000;

interface Options {
  readonly source: string;
  readonly nodes: number;
  readonly python: string;
  readonly tests: readonly string[];
}

function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      source: { type: "string" },
      nodes: { type: "string", default: "4" },
      python: { type: "string", default: OLDEST_DUCKTAPE },
    },
  });
  const { source, nodes, python } = values;
  if (source === undefined) throw new Error("--source KAFKA is missing: a source tree of Kafka");
  if (!existsSync(join(source, "tests/kafkatest"))) {
    throw new Error(`--source ${source} has no tests/kafkatest; name Kafka's source tree`);
  }
  if (!/^[1-9]\d?$/.test(nodes)) throw new Error(`--nodes is "${nodes}"; expected 1 to 99`);
  const tests = positionals.length > 0 ? positionals : DEFAULT_TESTS;
  return { source: resolve(source), nodes: Number(nodes), python, tests };
}

/** Kafka's tree as its tests expect it at /opt/kafka-dev, with our programs in their places. */
function install(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-kafkatest-"));
  const kafka = join(folder, "kafka");
  mkdirSync(join(kafka, "dist"), { recursive: true });
  cpSync(join(source, "bin"), join(kafka, "bin"), { recursive: true });
  for (const name of ["trogdor.sh", "kibosh"]) {
    copyFileSync(join(ROOT, "bin", name), join(kafka, "bin", name));
  }
  copyFileSync(join(ROOT, "dist/trogdor"), join(kafka, "dist/trogdor"));
  mkdirSync(join(folder, "kibosh/build"), { recursive: true });
  symlinkSync("/opt/kafka-dev/bin/kibosh", join(folder, "kibosh/build/kibosh"));
  return folder;
}

async function runTests(nodes: SshNodes, { source, python, tests }: Options): Promise<number> {
  const options = ["--cluster", "ducktape.cluster.json.JsonCluster"];
  const cwd = join(source, "tests");
  const results = join(ROOT, "kafkatest-results", new Date().toISOString().replaceAll(":", "-"));
  const { exitCode, stdout, stderr } = await nodes.run(
    [
      ...[python, "-c", DUCKTAPE, ...options, "--cluster-file", nodes.clusterPath],
      ...["--results-root", results, ...tests],
    ],
    { cwd, withinMs, env: { PYTHONPATH: cwd } },
  );
  process.stdout.write(`${stdout}\n${stderr}\nresults: ${results}/latest\n`);
  return exitCode;
}

async function main(args: string[]): Promise<number> {
  const options = readOptions(args);
  const folder = install(options.source);
  try {
    await using nodes = await sshNodes({
      count: options.nodes,
      binds: [
        [join(folder, "kafka"), "/opt/kafka-dev"],
        [join(folder, "kibosh"), "/opt/kibosh"],
      ],
    });
    return await runTests(nodes, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`kafkatest: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
