// The shipped file, alone: dist/trogdor copied to an empty folder full of traps, with no
// repository, no node_modules and no configuration in reach, does its work and leaves nothing
// behind.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { commands } from "../../src/modes/commands.ts";
import { version } from "../../src/version.ts";
import { sharedCluster, uniqueName } from "../support/kafka.ts";

const ROOT = resolve(import.meta.dir, "../..");
const BUILT = join(ROOT, "dist/trogdor");
const RUN_LIMIT_MS = 60_000;

/** Each would change what the program does, or end it, if the runtime read the file. */
const TRAPS: Readonly<Record<string, string>> = {
  ".env": "TROGDOR_DEBUG=1\nBUN_OPTIONS=--preload ./missing.ts\n",
  ".env.local": "TROGDOR_DEBUG=1\n",
  ".env.production": "TROGDOR_DEBUG=1\n",
  "bunfig.toml": 'preload = ["./missing.ts"]\n[install]\nregistry = "http://127.0.0.1:1"\n',
  "tsconfig.json": "{ this is not JSON",
  "package.json": "{ this is not JSON",
};

let folder: string;
let runDir: string;
let temporaryDir: string;

beforeAll(() => {
  if (!existsSync(BUILT)) throw new Error("there is no dist/trogdor: run scripts/build first");
  folder = mkdtempSync(join(tmpdir(), "trogdor-smoke-"));
  runDir = join(folder, "run");
  temporaryDir = join(folder, "tmp");
  mkdirSync(runDir);
  mkdirSync(temporaryDir);
  copyFileSync(BUILT, join(runDir, "trogdor"));
  for (const [name, text] of Object.entries(TRAPS)) writeFileSync(join(runDir, name), text);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function trogdor(...args: string[]): Promise<Ended> {
  return await trogdorWith({}, ...args);
}

async function trogdorWith(env: Record<string, string>, ...args: string[]): Promise<Ended> {
  const child = Bun.spawn(["./trogdor", ...args], {
    cwd: runDir,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: RUN_LIMIT_MS,
    env: {
      PATH: "/usr/bin:/bin",
      HOME: runDir,
      TMPDIR: temporaryDir,
      BUN_TMPDIR: temporaryDir,
      ...env,
    },
  });
  const texts = [child.stdout, child.stderr].map((stream) => new Response(stream).text());
  const [stdout = "", stderr = ""] = await Promise.all(texts);
  return { exitCode: await child.exited, stdout, stderr };
}

describe("the executable alone among traps", () => {
  test("tells its version and the commit it was built from", async () => {
    const { exitCode, stdout, stderr } = await trogdor("--version");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(
      new RegExp(`^trogdor ${version} \\(([0-9a-f]{12}(-modified)?|unknown)\\)\\n$`),
    );
  });

  test("says that variables for Bun reach it, and works all the same", async () => {
    const { exitCode, stdout, stderr } = await trogdorWith({ BUN_OPTIONS: "--smol" }, "--version");
    expect(exitCode).toBe(0);
    expect(stdout).toStartWith("trogdor ");
    expect(stderr).toContain("warning: unset BUN_OPTIONS");
  });

  test("shows its help", async () => {
    const { exitCode, stdout, stderr } = await trogdor("--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    // A long summary goes on in the next line.
    const text = stdout.replace(/\s+/g, " ");
    for (const { name, summary } of commands) expect(text).toContain(` ${name} ${summary} `);
  });

  test.each(commands.map((command) => command.name))("shows the help of %s", async (name) => {
    const { exitCode, stdout, stderr } = await trogdor(name, "--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain(`Usage: trogdor ${name}`);
  });

  test("explains an error without the stack that TROGDOR_DEBUG in .env would add", async () => {
    const { exitCode, stderr } = await trogdor("exec", "no-such-spec.json");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("no-such-spec.json");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("sends messages to a real broker with every compression", async () => {
    const cluster = await sharedCluster();
    for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"]) {
      const spec = {
        class: "org.apache.kafka.trogdor.workload.ProduceBenchSpec",
        durationMs: 30_000,
        producerNode: "node0",
        bootstrapServers: cluster.bootstrapServers.PLAINTEXT,
        targetMessagesPerSec: 10_000,
        maxMessages: 500,
        producerConf: { "compression.type": compression },
        activeTopics: { [uniqueName("smoke")]: { numPartitions: 3, replicationFactor: 1 } },
      };
      const { exitCode, stdout, stderr } = await trogdor("exec", JSON.stringify(spec), "--json");
      expect({ compression, exitCode, stderr }).toMatchObject({ compression, exitCode: 0 });
      expect(JSON.parse(stdout)).toMatchObject({ totalSent: 500, acknowledged: 500, failed: 0 });
    }
  }, 120_000);

  test("leaves nothing behind, neither beside itself nor in the temporary folder", () => {
    expect(readdirSync(runDir).sort()).toEqual(["trogdor", ...Object.keys(TRAPS)].sort());
    expect(readdirSync(temporaryDir)).toEqual([]);
  });

  test("names no folder of the machine that built it", () => {
    expect(readFileSync(BUILT).includes(`${ROOT}/`)).toBe(false);
  });
});
