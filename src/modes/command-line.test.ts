// Reading arguments against a definition: the accepted forms, and what is said about the others.

import { describe, expect, test } from "bun:test";
import type { TrogdorError } from "../core/trogdor-error.ts";
import type { Command } from "./command.ts";
import { readCommandLine } from "./command-line.ts";

const command: Command = {
  name: "try",
  summary: "A command for the tests.",
  operand: {
    name: "SPEC",
    required: true,
    repeatable: false,
    description: "a file",
    completes: "files",
  },
  options: [
    {
      name: "config",
      short: "c",
      aliases: ["agent.config"],
      value: "FILE",
      description: "A file.",
    },
    { name: "set", value: "PATH=VALUE", repeatable: true, description: "Replaces." },
    { name: "json", short: "j", description: "JSON." },
    { name: "quiet", short: "q", description: "Quiet." },
  ],
  examples: [],
  run: async () => 0,
};

function mistakes(...args: string[]): string[] {
  try {
    readCommandLine(command, args);
  } catch (error) {
    expect((error as TrogdorError).code).toBe("usage");
    return (error as TrogdorError).message.split("\n");
  }
  return [];
}

describe("a command line", () => {
  test.each([
    [["spec", "--config", "a.conf"]],
    [["spec", "--config=a.conf"]],
    [["spec", "-c", "a.conf"]],
    [["spec", "-ca.conf"]],
    [["spec", "-c=a.conf"]],
    [["--agent.config", "a.conf", "spec"]],
    [["-c", "a.conf", "--", "spec"]],
  ])("%j has the value of its option", (args) => {
    const line = readCommandLine(command, args);
    expect([line.value("config"), line.operands]).toEqual(["a.conf", ["spec"]]);
  });

  test("keeps every value of an option that can be repeated, in order", () => {
    const line = readCommandLine(command, ["s", "--set", "a=1", "--set=b=2", "--set", "c=-3"]);
    expect(line.values("set")).toEqual(["a=1", "b=2", "c=-3"]);
  });

  test("takes switches together behind one dash", () => {
    const line = readCommandLine(command, ["-jq", "s"]);
    expect([line.has("json"), line.has("quiet"), line.has("set")]).toEqual([true, true, false]);
  });

  test("takes a single dash as an argument", () => {
    expect(readCommandLine(command, ["-"]).operands).toEqual(["-"]);
  });

  test("takes what follows -- as arguments", () => {
    expect(readCommandLine(command, ["--", "--json"]).operands).toEqual(["--json"]);
  });

  test("takes a negative number as a value", () => {
    expect(readCommandLine(command, ["s", "--set", "-5"]).values("set")).toEqual(["-5"]);
  });

  test.each([
    [["s", "--jsn"], ['Unknown option "--jsn"; did you mean "--json"?']],
    [["s", "-x"], ['Unknown option "-x"']],
    [["s", "--json=yes"], ['Option "--json" takes no value']],
    [["s", "--config"], ['Option "--config" needs a value: --config FILE']],
    [["s", "--config", "--json"], ['Option "--config" needs a value: --config FILE']],
    [["s", "-c", "a", "-c", "b"], ['Option "-c" was given more than once']],
    [[], ["Missing argument SPEC: a file"]],
    [["s", "t"], ['Unexpected argument "t": try takes one SPEC']],
  ])("%j is refused", (args, expected) => {
    expect(mistakes(...args)).toEqual(expected);
  });

  test("reports all mistakes at once", () => {
    expect(mistakes("--jsn", "--config")).toHaveLength(3);
  });

  test("with --help is never refused", () => {
    expect(readCommandLine(command, ["--jsn", "--help"]).has("help")).toBe(true);
  });
});
