// What every implementation of Processes owes. Each behaviour is a command that the implementation
// under test knows how to run.

import { describe, expect, test } from "bun:test";
import type { ContainedProcess, Processes } from "./processes.ts";

export type Behaviour =
  /** Reads a line, writes it to its output and "heard" to its errors, exits with 0. */
  | "echo"
  /** Exits with 3. */
  | "fail"
  /** Writes "ready", then waits for ever, and ends by SIGTERM. */
  | "wait"
  /** The same, and exits with 0 on SIGTERM. */
  | "obey"
  /** The same, and does not care about SIGTERM. */
  | "ignore"
  /** Leaves a process behind that never ends; exits with 0. */
  | "leave"
  /** Is no program at all. */
  | "missing";

export interface Subject {
  readonly processes: Processes;
  command(behaviour: Behaviour): readonly string[];
}

const BOUND_MS = 20_000;

export function describeProcesses(name: string, subject: () => Subject): void {
  const start = (behaviour: Behaviour): ContainedProcess => {
    const { processes, command } = subject();
    return processes.start({ command: command(behaviour) });
  };
  describe(name, () => {
    test("hands over input, output and errors, and says how it ended", async () => {
      const process = start("echo");
      process.write("ä line\n");
      expect(await readAll(() => process.readOutput())).toBe("ä line\n");
      expect(await readAll(() => process.readErrors())).toBe("heard\n");
      expect(await process.ended).toEqual({ kind: "exited", code: 0 });
      expect(await process.end(0, BOUND_MS)).toEqual({ killed: 0, left: 0, name: "" });
    });

    test("says with which code it ended", async () => {
      const process = start("fail");
      expect(await process.ended).toEqual({ kind: "exited", code: 3 });
      await process.end(0, BOUND_MS);
    });

    test("says in Java's words that there is no such program", async () => {
      const process = start("missing");
      const command = subject().command("missing")[0];
      expect(await process.ended).toEqual({
        kind: "notStarted",
        reason: `Cannot run program "${command}": error=2, No such file or directory`,
      });
      expect(await readAll(() => process.readErrors())).toBe("");
      await process.end(0, BOUND_MS);
    });

    test("ends by SIGTERM, or as it likes when it catches it", async () => {
      const waiting = start("wait");
      const obeying = start("obey");
      for (const process of [waiting, obeying]) {
        expect(await readSome(process)).toBe("ready\n");
        process.terminate();
      }
      expect(await waiting.ended).toEqual({ kind: "killed", signal: "SIGTERM", code: 143 });
      expect(await obeying.ended).toEqual({ kind: "exited", code: 0 });
      for (const process of [waiting, obeying]) await process.end(0, BOUND_MS);
    });

    test("is killed when it ignores SIGTERM", async () => {
      const process = start("ignore");
      expect(await readSome(process)).toBe("ready\n");
      process.terminate();
      const { killed, left } = await process.end(0, BOUND_MS);
      expect([killed > 0, left]).toEqual([true, 0]);
      expect(await process.ended).toEqual({ kind: "killed", signal: "SIGKILL", code: 137 });
    });

    test("is killed with what it left behind", async () => {
      const process = start("leave");
      expect(await process.ended).toEqual({ kind: "exited", code: 0 });
      const { killed, left, name: who } = await process.end(0, BOUND_MS);
      expect([killed, left, who === ""]).toEqual([1, 0, false]);
      expect(await process.end(0, BOUND_MS)).toEqual({ killed: 0, left: 0, name: "" });
    });
  });
}

export async function readSome(process: ContainedProcess): Promise<string> {
  return new TextDecoder().decode((await process.readOutput()) ?? new Uint8Array());
}

async function readAll(read: () => Promise<Uint8Array | undefined>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (let chunk = await read(); chunk !== undefined; chunk = await read()) {
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}
