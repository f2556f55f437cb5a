// scripts/conformance: the suites of the Kafka clients against a cluster that is known by nothing
// but its address and client settings. Exit code 0 when no check failed, 1 when one did, 2 when
// there was nothing to check, or somebody stopped it.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type BrokerUnderTest, brokerVariable } from "../../test/support/broker-under-test.ts";
import { readTestCases, type TestCase } from "../checks/junit-report.ts";
import { findBrokers, probeBroker } from "./probe-broker.ts";
import { readProperties } from "./properties.ts";
import { removeLeftovers } from "./remove-leftovers.ts";
import { resultTable } from "./result-table.ts";

const ROOT = resolve(import.meta.dir, "../..");
const SUITES = {
  native: ["native.test.ts", "native-consumer.test.ts", "share-groups.test.ts"],
  kafkajs: ["kafkajs.test.ts", "kafkajs-consumer.test.ts"],
} as const;
const CHECK_LIMIT_MS = 90_000;

interface Options {
  readonly conf: Readonly<Record<string, string>>;
  readonly libraries: readonly (keyof typeof SUITES)[];
  readonly only: string | undefined;
}

function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      "bootstrap-server": { type: "string" },
      "client-config": { type: "string" },
      library: { type: "string" },
      only: { type: "string" },
    },
  });
  const { library, only, "client-config": file } = values;
  const settings = file === undefined ? {} : readProperties(readFileSync(file, "utf8"));
  const servers = values["bootstrap-server"] ?? settings["bootstrap.servers"];
  if (servers === undefined || servers === "") {
    throw new Error("--bootstrap-server is missing: expected HOST:PORT, or several with commas");
  }
  if (library !== undefined && !(library in SUITES)) {
    throw new Error(`--library is "${library}"; expected native or kafkajs, or nothing for both`);
  }
  const libraries = Object.keys(SUITES) as (keyof typeof SUITES)[];
  return {
    conf: { ...settings, "bootstrap.servers": servers },
    libraries: library === undefined ? libraries : libraries.filter((each) => each === library),
    only,
  };
}

async function runChecks(
  broker: BrokerUnderTest,
  options: Options,
  stop: AbortSignal,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-conformance-"));
  try {
    const brokerFile = join(folder, "broker.json");
    writeFileSync(brokerFile, JSON.stringify(broker), { mode: 0o600 });
    const report = join(folder, "report.xml");
    const files = options.libraries.flatMap((library) =>
      SUITES[library].map((name) => `./src/kafka/conformance/${name}`),
    );
    const only = options.only === undefined ? [] : ["--test-name-pattern", options.only];
    const reporting = ["--reporter=junit", `--reporter-outfile=${report}`];
    const command = ["test", `--timeout=${CHECK_LIMIT_MS}`, ...reporting, ...only, ...files];
    const run = Bun.spawn([process.execPath, ...command], {
      cwd: ROOT,
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      env: { ...process.env, [brokerVariable]: brokerFile },
      signal: stop,
    });
    const exitCode = await run.exited;
    stop.throwIfAborted();
    if (!existsSync(report)) throw new Error(`the checks ended with ${exitCode} and no report`);
    const cases = readTestCases(readFileSync(report, "utf8")).filter(isAskedFor(options.only));
    const { text, failed } = resultTable(cases, broker.lacks);
    process.stdout.write(`\n${broker.conf["bootstrap.servers"]}\n${text}\n`);
    return failed > 0 || exitCode !== 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `--only` leaves out is in bun's report as well, as skipped. */
function isAskedFor(only: string | undefined): (testCase: TestCase) => boolean {
  const pattern = new RegExp(only ?? "");
  return ({ blocks, name }) => pattern.test([...blocks, name].join(" "));
}

/** Aborts at the first SIGINT or SIGTERM; the second one ends this process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }
  return stop.signal;
}

async function main(args: string[]): Promise<number> {
  const options = readOptions(args);
  const { conf } = options;
  const stop = stopSignal();
  const namePrefix = `trogdor-conformance-${crypto.randomUUID().slice(0, 8)}-`;
  const brokerIds = await findBrokers(conf, stop);
  try {
    const lacks = await probeBroker({ conf, namePrefix, stop });
    return await runChecks({ conf, namePrefix, brokerIds, lacks }, options, stop);
  } finally {
    const problems = await removeLeftovers({ conf, namePrefix }).catch((e: Error) => [e.message]);
    for (const problem of problems) {
      process.stderr.write(`conformance: could not remove ${namePrefix}*: ${problem}\n`);
    }
  }
}

main(process.argv.slice(2)).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`conformance: ${message}\n`);
    process.exit(2);
  },
);
