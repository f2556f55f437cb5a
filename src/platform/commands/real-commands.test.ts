// What becomes of the output of a command on the real node.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { realCommands } from "./real-commands.ts";

describe("a command", () => {
  test("is over when it has ended, whoever it left behind with its outputs", async () => {
    const { exitCode, stdout } = await realCommands.run(["sh", "-c", "sleep 30 & echo $!; exit 3"]);
    expect(exitCode).toBe(3);
    const pid = Number(stdout);
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toStartWith("sleep");
    process.kill(pid, "SIGKILL");
  });

  test("is heard to the end", async () => {
    const sizeBytes = 1_000_000;
    const command = ["sh", "-c", `head -c ${sizeBytes} /dev/zero; echo told >&2`];
    const { exitCode, stdout, stderr } = await realCommands.run(command);
    expect([exitCode, stdout.length, stderr]).toEqual([0, sizeBytes, "told\n"]);
  });
});
