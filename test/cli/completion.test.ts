// The completion scripts: each is accepted by its shell, and bash really completes with it.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { execOptions } from "../../src/modes/exec/exec-options.ts";
import { taskTypes } from "../../src/tasks/registry.ts";
import { root } from "../tidy/source-files.ts";
import { trogdor } from "./trogdor.ts";

async function scriptFor(shell: string): Promise<string> {
  return (await trogdor(["completion", shell])).stdout;
}

async function run(command: readonly string[], input: string): Promise<[number, string]> {
  const child = Bun.spawn([...command], {
    cwd: root,
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
    timeout: 20_000,
  });
  const text = (await child.stdout.text()) + (await child.stderr.text());
  return [await child.exited, text];
}

/** What bash offers when Tab is pressed behind the last word. */
async function completions(...words: string[]): Promise<string[]> {
  const list = words.map((word) => `'${word}'`).join(" ");
  const ask = `
    COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}
    _trogdor
    [ "\${#COMPREPLY[@]}" -eq 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`;
  const [exitCode, text] = await run(["bash", "-s"], (await scriptFor("bash")) + ask);
  expect(exitCode).toBe(0);
  return text.split("\n").filter((line) => line !== "");
}

describe("the bash completion", () => {
  test("is accepted by bash", async () => {
    expect(await run(["bash", "-n"], await scriptFor("bash"))).toEqual([0, ""]);
  });

  test("is registered for trogdor", async () => {
    const script = `${await scriptFor("bash")}\ncomplete -p trogdor`;
    expect(await run(["bash", "-s"], script)).toEqual([0, "complete -F _trogdor trogdor\n"]);
  });

  test("offers the commands", async () => {
    expect(await completions("trogdor", "")).toContain("exec");
    expect(await completions("trogdor", "val")).toEqual(["validate"]);
  });

  test("offers every option of a command", async () => {
    const wanted = [...execOptions.map((option) => `--${option.name}`), "--help"];
    expect(await completions("trogdor", "exec", "-")).toEqual(wanted);
    expect(await completions("trogdor", "exec", "spec.json", "--js")).toEqual(["--json"]);
  });

  test("offers files where a spec or a file is meant, also with blanks in the name", async () => {
    expect(await completions("trogdor", "exec", "README")).toEqual(["README.md"]);
    expect(await completions("trogdor", "exec", "-c", "pack")).toEqual(["package.json"]);
    expect(await completions("trogdor", "validate", "a", join(root, "LICEN"))).toEqual([
      join(root, "LICENSE"),
    ]);
  });

  test("offers verbs, and the options of the verb that stands there", async () => {
    expect(await completions("trogdor", "client", "ta")).toEqual(["tasks", "task"]);
    expect(await completions("trogdor", "client", "tasks", "--id")).toEqual([
      "--id",
      "--id-pattern",
    ]);
    expect(await completions("trogdor", "client", "createTask", "--ch")).toEqual(["--check"]);
    expect(await completions("trogdor", "client", "create", "README")).toEqual(["README.md"]);
  });

  test("offers nothing where any text is meant", async () => {
    expect(await completions("trogdor", "exec", "--timeout", "")).toEqual([]);
  });

  test("offers the task types, the shells and the commands to explain", async () => {
    const types = taskTypes.map((type) => type.shortName);
    expect(await completions("trogdor", "schema", "")).toEqual(types);
    expect(await completions("trogdor", "completion", "z")).toEqual(["zsh"]);
    expect(await completions("trogdor", "help", "sch")).toEqual(["schema"]);
  });
});

describe("the other completions", () => {
  test.skipIf(Bun.which("zsh") === null)("zsh accepts its script", async () => {
    expect(await run(["zsh", "-n", "/dev/stdin"], await scriptFor("zsh"))).toEqual([0, ""]);
  });

  test.skipIf(Bun.which("fish") === null)("fish accepts its script", async () => {
    expect(await run(["fish", "--no-execute", "/dev/stdin"], await scriptFor("fish"))).toEqual([
      0,
      "",
    ]);
  });

  test.each(["zsh", "fish"])("%s is told every option and task type", async (shell) => {
    const script = await scriptFor(shell);
    for (const { name } of execOptions) {
      expect(script).toMatch(new RegExp(`(--|-l )${name}\\b`));
    }
    for (const { shortName } of taskTypes) expect(script).toContain(shortName);
  });

  test.each(["zsh", "fish"])("%s has its quotes in pairs", async (shell) => {
    const script = (await scriptFor(shell)).replace(/'\\''|\\'|#.*$/gm, "");
    expect(script.split("'").length % 2).toBe(1);
  });
});
