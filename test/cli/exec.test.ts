// What `trogdor exec` prints, where, and how it is stopped; with NoOp, so that no broker is needed.

import { afterAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../tidy/source-files.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { cleanEnvironment, trogdor, trogdorCommand } from "./trogdor.ts";

const folder = temporaryFolder({
  "spec.json": `// A comment, as the reference allows.
    { "class": "org.apache.kafka.trogdor.task.NoOpTaskSpec", /* ms */ "durationMs": "50" } rest`,
  "one-agent.conf": `{ "platform": "org.apache.kafka.trogdor.basic.BasicPlatform", "nodes": {
    "co": { "trogdor.coordinator.port": 8889 }, "only": { "trogdor.agent.port": 8888 } } }`,
  // Throws where no one awaits it, once the task runs.
  "crash.ts": `const write = process.stderr.write.bind(process.stderr);
    const crash = () => { throw new Error("nobody awaits this"); };
    process.stderr.write = (text, ...rest) => {
      if (text.startsWith("Running")) setTimeout(crash, 50);
      return write(text, ...rest);
    };`,
});
afterAll(() => folder[Symbol.dispose]());
const file = (name: string) => join(folder.path, name);

const noOp = (durationMs: number) => JSON.stringify({ class: "NoOp", durationMs });

describe("exec", () => {
  test("runs a spec of the reference from a file", async () => {
    const { exitCode, stdout } = await trogdor(["exec", file("spec.json"), "-n", "node0"]);
    expect(stdout).toMatch(/^NoOp on node0 succeeded after [\d.]+s\n {2}done\n$/);
    expect(exitCode).toBe(0);
  });

  test("runs a spec from standard input", async () => {
    const { exitCode } = await trogdor(["exec", "-"], { input: noOp(20) });
    expect(exitCode).toBe(0);
  });

  test("takes blanks before inline JSON", async () => {
    expect((await trogdor(["exec", ` \t\n${noOp(20)}`])).exitCode).toBe(0);
  });

  test("with --json prints the status alone on stdout", async () => {
    const { stdout } = await trogdor(["exec", noOp(20), "--json"]);
    expect(stdout).toBe('"done"\n');
  });

  test("with --json prints the status of a failed task too, its error on stderr", async () => {
    const args = ["exec", noOp(60_000), "--json", "--timeout=100ms"];
    const { stdout, stderr } = await trogdor(args);
    expect(stdout).toBe('"done"\n');
    expect(stderr).toContain("trogdor: the task had not ended after 0.1s (--timeout)");
  });

  test("with --quiet prints nothing but the result", async () => {
    const { stdout, stderr } = await trogdor(["exec", noOp(20), "--quiet"]);
    expect([stdout.includes("succeeded"), stderr]).toEqual([true, ""]);
  });

  test("--set replaces a field before the spec is checked", async () => {
    const args = ["exec", noOp(0), "--set", "durationMs=20", "--json"];
    expect((await trogdor(args)).exitCode).toBe(0);
  });

  test("-n defaults to the only agent node of the configuration", async () => {
    const { stdout } = await trogdor(["exec", noOp(20), "-c", file("one-agent.conf")]);
    expect(stdout).toStartWith("NoOp on only succeeded");
  });

  test("takes the options of the Java agent", async () => {
    const conf = file("one-agent.conf");
    const args = ["exec", noOp(20), "--agent.config", conf, "--node-name", "only"];
    expect((await trogdor(args)).exitCode).toBe(0);
  });

  test("says when there was no latency to write", async () => {
    const args = ["exec", noOp(20), "--histogram", file("none.hlog")];
    const { exitCode, stderr } = await trogdor(args);
    expect(stderr).toContain("No latency was recorded");
    expect(exitCode).toBe(0);
    expect(readdirSync(folder.path)).not.toContain("none.hlog");
  });

  test("prints the status when it is interrupted", async () => {
    const { exitCode, stdout, stderr } = await trogdor(["exec", noOp(60_000)], {
      signalAfter: { text: "Running NoOp", signal: "SIGINT" },
    });
    expect(stdout).toMatch(/^NoOp on .* stopped after .*\n {2}done\n$/);
    expect(stderr).toContain("press Ctrl-C again to leave at once");
    expect(exitCode).toBe(130);
  });

  test("prints the last status when something crashes the process", async () => {
    const crash = file("crash.ts");
    const command = [process.execPath, "--preload", crash, join(root, "src/main.ts")];
    const child = Bun.spawn([...command, "exec", noOp(60_000), "--json"], {
      env: cleanEnvironment,
      stdout: "pipe",
      stderr: "pipe",
      timeout: 20_000,
    });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    expect(stdout).toBe('"active"\n');
    expect(stderr).toContain("this is a defect in Trogdor (nobody awaits this)");
    expect(await child.exited).toBe(1);
  });

  test("survives a reader that goes away", async () => {
    const command = [...trogdorCommand, "schema"].map((word) => `'${word}'`).join(" ");
    const script = `${command} | head -c 1 > /dev/null; echo "\${PIPESTATUS[0]}"`;
    const shell = Bun.spawn(["bash", "-c", script], { cwd: root, stderr: "pipe", timeout: 20_000 });
    expect([await shell.stdout.text(), await shell.stderr.text()]).toEqual(["0\n", ""]);
  });
});

describe("exec on a terminal", () => {
  async function onTerminal(env: Readonly<Record<string, string>>): Promise<string> {
    let text = "";
    const decoder = new TextDecoder();
    const child = Bun.spawn([...trogdorCommand, "exec", noOp(600)], {
      cwd: root,
      env: { ...cleanEnvironment, TERM: "xterm", ...env },
      timeout: 20_000,
      terminal: {
        cols: 40,
        rows: 10,
        data(_terminal, chunk) {
          text += decoder.decode(chunk, { stream: true });
        },
      },
    });
    await child.exited;
    child.terminal?.close();
    return text;
  }

  test("redraws one line and removes it at the end", async () => {
    const text = await onTerminal({});
    expect(text.replaceAll("\u001b", "ESC")).toMatch(/\r0\.\ds {2}active {2}ETA 0\.\dsESC\[K/);
    expect(text).toContain("\r\u001b[2KNoOp on");
  });

  test("has colour, unless NO_COLOR is set", async () => {
    expect(await onTerminal({})).toContain("\u001b[32msucceeded\u001b[39m");
    expect(await onTerminal({ NO_COLOR: "1" })).toContain(" succeeded after");
  });
});
