// integrations/ducktape: the Python package with the oldest and the newest ducktape, its tests by
// pytest against daemons on loopback, its tests by ducktape on nodes, and its example.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pythonSpecs, pythonSpecsPath } from "../../scripts/python-specs/python-specs.ts";
import { temporaryFolder } from "../cli/temporary-folder.ts";
import { root } from "../tidy/source-files.ts";
import { type DucktapeReport, type DucktapeRequest, runDucktape } from "./ducktape-run.ts";
import { type SshNodes, sshNodes } from "./nodes/ssh-nodes.ts";

const folder = join(root, "integrations/ducktape");
const executable = join(root, "dist/trogdor");
const place = temporaryFolder();
let nodes: SshNodes;

beforeAll(async () => {
  const path = (...names: string[]) => join(place.path, ...names);
  mkdirSync(path("bin"));
  mkdirSync(path("cache"));
  copyFileSync(executable, path("bin/trogdor"));
  // Where the service looks for a copy before it makes one: copying lasts longest of all.
  const digest = new Bun.CryptoHasher("sha256").update(readFileSync(path("bin/trogdor")));
  linkSync(path("bin/trogdor"), path(`cache/trogdor-${digest.digest("hex").slice(0, 16)}`));
  nodes = await sshNodes({
    count: 8,
    binds: [
      [path("bin"), "/opt/trogdor"],
      [path("cache"), "/var/tmp/trogdor-bin"],
    ],
  });
}, 60_000);

afterAll(async () => {
  await nodes?.[Symbol.asyncDispose]();
  place[Symbol.dispose]();
});

function run(request: Pick<DucktapeRequest, "version" | "source" | "tests" | "clusterPath">) {
  const globals = { command: "/opt/trogdor/trogdor", trogdor: join(place.path, "bin/trogdor") };
  return runDucktape(nodes, {
    ...request,
    parallel: 2,
    options: ["--globals", JSON.stringify(globals)],
    env: { PYTHONPATH: folder },
  });
}

function expectPassed({ results, output, exitCode }: DucktapeReport, tests: readonly string[]) {
  const failed = Object.entries(results).filter(([, result]) => result !== "PASS");
  expect(failed).toEqual([]);
  if (exitCode !== 0) throw new Error(output);
  expect(Object.keys(results).sort()).toEqual([...tests]);
}

describe("the Python package", () => {
  test("has the functions that the schemas of the specs make: else run scripts/docs", () => {
    expect(readFileSync(join(root, pythonSpecsPath), "utf8")).toBe(pythonSpecs());
  });

  test.each(["0.12.0", "0.17.0"])(
    "passes its own tests with ducktape %s",
    async (version) => {
      const python = join(root, `.tools/ducktape-${version}/bin/python`);
      const child = Bun.spawn([python, "-m", "pytest", "-q", folder], {
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
        timeout: 60_000,
        killSignal: "SIGKILL",
        env: { ...process.env, TROGDOR_BINARY: executable, PYTHONDONTWRITEBYTECODE: "1" },
      });
      const output = await new Response(child.stdout).text();
      if ((await child.exited) !== 0) throw new Error(output);
      expect(output).toMatch(/\d+ passed/);
    },
    60_000,
  );

  test("starts, heals and stops on nodes", async () => {
    const report = await run({
      version: "0.17.0",
      source: join(folder, "tests"),
      tests: ["service_test.py::TrogdorServiceTest", "service_test.py::KiboshServiceTest"],
    });
    expectPassed(report, [
      "KiboshServiceTest.test_control()",
      "TrogdorServiceTest.test_errors()",
      "TrogdorServiceTest.test_faults_end()",
      "TrogdorServiceTest.test_life()",
    ]);
  }, 120_000);

  test("has an example that passes with the oldest ducktape", async () => {
    const source = join(folder, "examples");
    const tests = ["partition_test.py"];
    const report = await run({ version: "0.12.0", source, tests });
    expectPassed(report, ["PartitionTest.test_survives_partition()"]);
  }, 120_000);

  test("runs on several nodes that are one machine, and copies the executable once", async () => {
    const clusterPath = join(nodes.folder, "one-machine.json");
    const hosts = ["a", "b", "c"].map((host) => ({
      externally_routable_ip: "trog1",
      ssh_config: {
        host,
        hostname: "trog1",
        port: 22,
        user: "ducker",
        identityfile: nodes.keyPath,
        password: null,
      },
    }));
    writeFileSync(clusterPath, JSON.stringify({ nodes: hosts }));
    const report = await run({
      version: "0.17.0",
      source: join(folder, "tests"),
      tests: ["service_test.py::OneMachineTest"],
      clusterPath,
    });
    expectPassed(report, ["OneMachineTest.test_two_rounds()"]);
  }, 120_000);
});
