// bin/trogdor.sh: which executable it starts, and with which arguments. A small script stands in
// for the executable and prints what it was given.

import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../tidy/source-files.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder({});
afterAll(() => folder[Symbol.dispose]());

const script = join(root, "bin/trogdor.sh");

/** A program that prints its own name and arguments, one a line. */
function fake(...path: string[]): string {
  const file = join(folder.path, ...path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, '#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n');
  chmodSync(file, 0o755);
  return file;
}

function scriptIn(...path: string[]): string {
  const file = join(folder.path, ...path);
  mkdirSync(join(file, ".."), { recursive: true });
  copyFileSync(script, file);
  return file;
}

interface Run {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly stderr: string;
}

function run(file: string, args: readonly string[], env: Record<string, string> = {}): Run {
  const { exitCode, stdout, stderr } = Bun.spawnSync([file, ...args], {
    env: { PATH: "/usr/bin:/bin", ...env },
  });
  const lines = stdout.toString().split("\n").slice(0, -1);
  return { exitCode, lines, stderr: stderr.toString() };
}

const printer = fake("printer");
const withPrinter = (args: readonly string[], env: Record<string, string> = {}) =>
  run(script, args, { TROGDOR_BIN: printer, ...env }).lines.slice(1);

describe("bin/trogdor.sh", () => {
  test.each([
    [
      ["client", "showTasks", "-t", "a b:1"],
      ["client", "--java", "showTasks", "-t", "a b:1"],
    ],
    [
      ["agent-client", "status"],
      ["agent-client", "--java", "status"],
    ],
    [
      ["agent", "-c", "f", "-n", "x"],
      ["agent", "--java", "--insecure", "-c", "f", "-n", "x"],
    ],
    [
      ["coordinator", "-c", "f"],
      ["coordinator", "--java", "--insecure", "--state-dir", "none", "-c", "f"],
    ],
    [
      ["coordinator", "--state-dir", "/x"],
      ["coordinator", "--java", "--insecure", "--state-dir", "/x"],
    ],
    [["agent"], ["agent", "--java"]],
    [["coordinator"], ["coordinator", "--java"]],
    [["client"], ["client", "--java"]],
  ])("%j becomes %j", (args, passed) => {
    expect(withPrinter(args)).toEqual(passed);
  });

  test("keeps state in TROGDOR_STATE_DIR, a folder for each role", () => {
    const env = { TROGDOR_STATE_DIR: "/var/x y" };
    const coordinator = withPrinter(["coordinator", "-n", "x"], env);
    expect(coordinator.slice(3)).toEqual(["--state-dir", "/var/x y/coordinator", "-n", "x"]);
    const agent = withPrinter(["agent", "-n", "x"], env);
    expect(agent.slice(3)).toEqual(["--state-dir", "/var/x y/agent", "-n", "x"]);
  });

  test.each([[[]], [["help"]]])("shows its help for %j", (args) => {
    const { exitCode, lines } = run(script, args);
    expect([exitCode, lines[0]]).toEqual([0, "The Trogdor fault injector."]);
  });

  test("refuses other actions as Java's script does", () => {
    const { exitCode, stderr } = run(script, ["agnet"]);
    expect([exitCode, stderr]).toEqual([
      1,
      `Unknown action 'agnet'.  Type '${script} help' for help.\n`,
    ]);
  });
});

describe("the executable is found", () => {
  test("in ../dist, before the one beside the script", () => {
    const file = scriptIn("one", "bin", "trogdor.sh");
    fake("one", "bin", "trogdor");
    fake("one", "dist", "trogdor");
    expect(run(file, ["client"]).lines[0]).toEndWith("/one/bin/../dist/trogdor");
  });

  test("beside the script, also through symbolic links", () => {
    const file = scriptIn("two", "bin", "trogdor.sh");
    const executable = fake("two", "bin", "trogdor");
    symlinkSync("bin/trogdor.sh", join(folder.path, "two", "link"));
    symlinkSync(file, join(folder.path, "link"));
    for (const start of [file, join(folder.path, "two", "link"), join(folder.path, "link")]) {
      expect(run(start, ["client"]).lines[0]).toBe(executable);
    }
  });

  test("in PATH", () => {
    const file = scriptIn("three", "trogdor.sh");
    const executable = fake("path", "trogdor");
    const PATH = `${join(folder.path, "path")}:/usr/bin:/bin`;
    expect(run(file, ["client"], { PATH }).lines[0]).toBe(executable);
  });

  test("nowhere: says where it was looked for", () => {
    const file = scriptIn("four", "trogdor.sh");
    const { exitCode, stderr } = run(file, ["client"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("set TROGDOR_BIN");
  });

  test("under a command line that no harness takes for a broker's", () => {
    const file = scriptIn("kafka", "kafka-dev", "bin", "trogdor.sh");
    const executable = fake("kafka", "kafka-dev", "bin", "trogdor");
    // A script's own name would show its path, so a real program takes its place.
    copyFileSync("/bin/cat", executable);
    const { stderr } = run(file, ["agent", "-n", "x"]);
    expect(stderr).toStartWith("trogdor: ");
  });
});
