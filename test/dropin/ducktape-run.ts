// Runs tests of ducktape against test nodes and reads its report.

import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../tidy/source-files.ts";
import type { SshNodes } from "./nodes/ssh-nodes.ts";

export interface DucktapeRequest {
  readonly version: string;
  /** A folder of Python files, copied beside the results: ducktape wants its tests below it. */
  readonly source: string;
  readonly tests: readonly string[];
  readonly options?: readonly string[];
  readonly parallel?: number;
  /** In place of the nodes' own. */
  readonly clusterPath?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface DucktapeReport {
  readonly exitCode: number;
  /** `TrogdorTest.test_service(flavour=3.9)`: PASS, or what went wrong. */
  readonly results: Readonly<Record<string, string>>;
  readonly output: string;
}

interface ReportedTest {
  readonly cls_name: string;
  readonly function_name: string;
  readonly injected_args: Readonly<Record<string, unknown>> | null;
  readonly test_status: string;
  readonly summary: string;
}

const withinMs = 240_000;
let runs = 0;

export async function runDucktape(
  nodes: SshNodes,
  request: DucktapeRequest,
): Promise<DucktapeReport> {
  runs += 1;
  const cwd = join(nodes.folder, `ducktape-${runs}`);
  cpSync(request.source, cwd, { recursive: true });
  const program = join(root, `.tools/ducktape-${request.version}/bin/ducktape`);
  const cluster = ["--cluster", "ducktape.cluster.json.JsonCluster"];
  const options = [
    ...[...cluster, "--cluster-file", request.clusterPath ?? nodes.clusterPath],
    ...["--results-root", "results", "--max-parallel", String(request.parallel ?? 1)],
    ...(request.options ?? []),
  ];
  const { exitCode, stdout, stderr } = await nodes.run([program, ...options, ...request.tests], {
    cwd,
    withinMs,
    env: {
      TEST_SSH_CONFIG: nodes.sshConfigPath,
      PYTHONDONTWRITEBYTECODE: "1",
      ...request.env,
    },
  });
  const results = readResults(join(cwd, "results/latest/report.json"));
  return { exitCode, results, output: `${stdout}\n${stderr}` };
}

function readResults(path: string): Record<string, string> {
  try {
    const report = JSON.parse(readFileSync(path, "utf8")) as { results: readonly ReportedTest[] };
    return Object.fromEntries(
      report.results.map((test) => {
        const args = Object.entries(test.injected_args ?? {}).map(([name, value]) => {
          return `${name}=${value}`;
        });
        const name = `${test.cls_name}.${test.function_name}(${args.join(", ")})`;
        return [name, test.test_status === "PASS" ? "PASS" : test.summary];
      }),
    );
  } catch {
    return {}; // It ended before it had anything to report: the output says why.
  }
}
