// ProcessStopFault on a real JVM that the test starts: single-file source, no class path.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { realClock } from "../../../platform/clock/real-clock.ts";
import { realCommands } from "../../../platform/commands/real-commands.ts";
import { realFiles } from "../../../platform/files/real-files.ts";
import { silentLog } from "../../../platform/log/log.ts";
import { realNames } from "../../../platform/names/real-names.ts";
import type { ProcessTable } from "../../../platform/process-table/process-table.ts";
import { realProcessTable } from "../../../platform/process-table/real-process-table.ts";
import { realSystemClock } from "../../../platform/system-clock/real-system-clock.ts";
import type { FaultContext } from "../../define-fault.ts";
import { describeFault } from "../../describe-fault.suite.ts";
import { parseTaskSpec } from "../../parse-task-spec.ts";
import { startVictim } from "../../victim.suite.ts";
import { javaCommandText } from "./java-command.ts";
import { makeScene } from "./scene.suite.ts";
import { processStop } from "./worker.ts";

describeFault("ProcessStopFault", makeScene);

/**
 * class Victim with a main that prints "up" and sleeps for ten minutes, compiled for Java 8: a
 * runtime without a compiler is all that these tests need.
 */
const victimClass = [
  "yv66vgAAADQAJQoAAgADBwAEDAAFAAYBABBqYXZhL2xhbmcvT2JqZWN0AQAGPGluaXQ+AQADKClWCQAIAAkHAAoM",
  "AAsADAEAEGphdmEvbGFuZy9TeXN0ZW0BAANvdXQBABVMamF2YS9pby9QcmludFN0cmVhbTsIAA4BAAJ1cAoAEAAR",
  "BwASDAATABQBABNqYXZhL2lvL1ByaW50U3RyZWFtAQAHcHJpbnRsbgEAFShMamF2YS9sYW5nL1N0cmluZzspVgUA",
  "AAAAAAknwAoAGAAZBwAaDAAbABwBABBqYXZhL2xhbmcvVGhyZWFkAQAFc2xlZXABAAQoSilWBwAeAQAGVmljdGlt",
  "AQAEQ29kZQEABG1haW4BABYoW0xqYXZhL2xhbmcvU3RyaW5nOylWAQAKRXhjZXB0aW9ucwcAJAEAE2phdmEvbGFu",
  "Zy9FeGNlcHRpb24AIQAdAAIAAAAAAAIAAQAFAAYAAQAfAAAAEQABAAEAAAAFKrcAAbEAAAAAAAkAIAAhAAIAHwAA",
  "ABsAAgABAAAAD7IABxINtgAPFAAVuAAXsQAAAAAAIgAAAAQAAQAjAAA=",
];
const marker = `victim-${process.pid}`;
let folder: string;
let jvm: Subprocess<"ignore", "pipe", "inherit">;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "trogdor-jvm-"));
  writeFileSync(join(folder, "Victim.class"), Buffer.from(victimClass.join(""), "base64"));
  const java = ["java", "-Xmx64m", "-cp", folder, "Victim", marker];
  jvm = Bun.spawn(["setpriv", "--pdeathsig", "KILL", ...java], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  await jvm.stdout.getReader().read();
}, 60_000);

afterAll(async () => {
  jvm.kill("SIGKILL");
  await jvm.exited;
  rmSync(folder, { recursive: true });
});

const context: FaultContext = {
  taskId: "suspend",
  workerId: 1n,
  node: "node1",
  topology: { nodes: new Map() },
  clock: realClock,
  log: silentLog,
  commands: realCommands,
  names: realNames,
  processTable: realProcessTable,
  files: realFiles,
  systemClock: realSystemClock,
};

function specOf(javaProcessName: string) {
  const text = JSON.stringify({ class: "ProcessStopFault", nodeNames: ["node1"], javaProcessName });
  return parseTaskSpec(text).spec;
}

async function states(): Promise<string[]> {
  const all = await realProcessTable.list();
  const victim = all.find((one) => one.pid === jvm.pid)!;
  return [...new Set(await realProcessTable.threadStates(victim))];
}

describe("ProcessStopFault", () => {
  test("suspends every thread of the JVM and lets it go on", async () => {
    const plan = await processStop.plan(specOf(marker), context);
    expect(processStop.steps(plan).apply).toEqual([`kill -SIGSTOP ${jvm.pid}`]);
    expect(await processStop.probe(plan, context)).toContain(`process ${jvm.pid} to be stopped`);
    await processStop.apply(plan, context);
    expect(await states()).toEqual(["T"]);
    expect(await processStop.probe(plan, context)).toBe("");
    await expect(processStop.plan(specOf(marker), context)).rejects.toThrow("suspended already");
    jvm.kill("SIGCONT");
    expect(await processStop.probe(plan, context)).toContain("found some running");
    await processStop.undo(plan, context);
    expect(await states()).not.toContain("T");
    await processStop.undo(plan, context);
  });

  test("says that nothing matches", async () => {
    const plan = processStop.plan(specOf("no.such.Main"), context);
    await expect(plan).rejects.toThrow('javaProcessName: "no.such.Main" matches no process');
  });

  test("goes on when one of several has died, and resumes the others", async () => {
    const first = await startVictim({ asJvm: true });
    const second = await startVictim({ asJvm: true, beside: first });
    try {
      const plan = await processStop.plan(specOf(first.mark), context);
      await processStop.apply(plan, context);
      first.kill("SIGKILL");
      while ((await first.state()) !== "gone") await Bun.sleep(2);
      expect(await processStop.probe(plan, context)).toBe("");
      await processStop.undo(plan, context);
      expect(await second.state()).toBe("running");
    } finally {
      for (const victim of [first, second]) await victim[Symbol.asyncDispose]();
    }
  });

  test("resumes the others when one cannot be signalled, and says so", async () => {
    const sent: number[] = [];
    const processTable: ProcessTable = {
      ...realProcessTable,
      async signal({ pid }) {
        sent.push(pid);
        if (pid === 1) throw new Error("not permitted");
        return true;
      },
    };
    const plan = { targets: [1, 2].map((pid) => ({ pid, startTicks: 1, name: "" })) };
    const undo = processStop.undo(plan, { ...context, processTable });
    await expect(undo).rejects.toThrow("not permitted");
    expect(sent).toEqual([1, 2]);
  });

  test("leaves another process alone that got the pid", async () => {
    const plan = { targets: [{ pid: jvm.pid, startTicks: 1, name: "old" }] };
    await processStop.apply(plan, context);
    expect(await states()).not.toContain("T");
    expect(await processStop.probe(plan, context)).toContain("all of them have ended");
    await processStop.undo(plan, context);
  });
});

describe("javaCommandText", () => {
  test.each([
    [["java", "-Xmx1g", "-cp", "a.jar:b.jar", "kafka.Kafka", "server.properties"]],
    [["/usr/bin/java", "--class-path", "x", "-Dkey=value", "kafka.Kafka", "server.properties"]],
    [["java", "@options", "--add-opens", "a/b=c", "kafka.Kafka", "server.properties"]],
  ])("reads the main class and its arguments of %p", (command) => {
    expect(javaCommandText(command)).toBe("kafka.Kafka server.properties");
  });

  test("reads jars and modules", () => {
    expect(javaCommandText(["java", "-jar", "/opt/x.jar", "-v"])).toBe("/opt/x.jar -v");
    expect(javaCommandText(["java", "-p", "m", "-m", "mod/Main", "a"])).toBe("mod/Main a");
    expect(javaCommandText(["java"])).toBe("");
  });
});
