// Agent and coordinator as a harness for the Java Trogdor starts, finds and stops them: through
// bin/trogdor.sh, by lines in a log file that only the logging configuration names, and by jcmd.

import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type DaemonProcess,
  eventually,
  freePorts,
  serves,
  startDaemon,
} from "../support/daemon-process.ts";
import { root } from "../tidy/source-files.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { cleanEnvironment, trogdorCommand } from "./trogdor.ts";

const folder = temporaryFolder({});
afterAll(() => folder[Symbol.dispose]());

const file = (name: string) => join(folder.path, name);
const script = join(root, "bin/trogdor.sh");
const words = trogdorCommand.map((word) => `'${word}'`).join(" ");
writeFileSync(file("trogdor"), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });

type Role = "agent" | "coordinator";

async function configure(): Promise<Record<Role, number>> {
  const [agent = 0, coordinator = 0] = await freePorts(2);
  const node = {
    hostname: "localhost",
    "trogdor.agent.port": agent,
    "trogdor.coordinator.port": coordinator,
  };
  const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
  writeFileSync(file("trogdor.conf"), JSON.stringify({ platform, nodes: { node0: node } }));
  for (const role of ["agent", "coordinator"]) {
    const text = `log4j.rootLogger=DEBUG\nlog4j.appender.x.File=${file(`${role}.log`)}\n`;
    writeFileSync(file(`${role}.properties`), text);
  }
  return { agent, coordinator };
}

async function start(role: Role, port: number): Promise<DaemonProcess> {
  return await startDaemon({
    command: [script, role, `--${role}.config`, file("trogdor.conf"), "--node-name", "node0"],
    env: {
      ...cleanEnvironment,
      TROGDOR_BIN: file("trogdor"),
      XDG_STATE_HOME: folder.path,
      TROGDOR_STATE_DIR: file("state"),
      KAFKA_LOG4J_OPTS: `-Dlog4j.configuration=file:${file(`${role}.properties`)}`,
    },
    isReady: () => serves(`http://localhost:${port}/${role}/status`),
  });
}

function listed(role: Role): string[] {
  const name = `org.apache.kafka.trogdor.${role}.${role === "agent" ? "Agent" : "Coordinator"}`;
  const lines = Bun.spawnSync(["jcmd"]).stdout.toString().split("\n");
  return lines.filter((line) => line.includes(name) && line.includes(folder.path));
}

describe("a daemon of bin/trogdor.sh", () => {
  test.each(["agent", "coordinator"] as const)(
    "%s is found and stopped as a Java one",
    async (role) => {
      const ports = await configure();
      await using daemon = await start(role, ports[role]);
      const log = file(`${role}.log`);
      expect(await eventually(() => existsSync(log), 30_000)).toBe(true);
      // The harness asks for the size only now, and looks at what comes behind it.
      const sizeBytes = statSync(log).size;
      const line = `Starting ${role} process.`;
      const seen = () => readFileSync(log).subarray(sizeBytes).toString().includes(line);
      expect(await eventually(seen, 10_000)).toBe(true);
      expect(daemon.output).toContain(`${line}\n`);
      expect(listed(role).map((each) => each.split(" ")[0])).toEqual([String(daemon.pid)]);
      daemon.kill("SIGTERM");
      daemon.kill("SIGTERM");
      expect(await daemon.exited).toBe(143);
      expect(daemon.output).toEndWith(`Running ${role} shutdown hook.\n`);
      expect(listed(role)).toEqual([]);
    },
    30_000,
  );

  test("runs one task with --exec, without any daemon", () => {
    const spec = '{"class":"org.apache.kafka.trogdor.task.NoOpTaskSpec","durationMs":20}';
    const args = ["agent", "-c", file("trogdor.conf"), "-n", "node0", "--exec", spec];
    const { exitCode, stdout } = Bun.spawnSync([script, ...args], {
      env: { ...cleanEnvironment, TROGDOR_BIN: file("trogdor") },
    });
    expect(stdout.toString()).toStartWith("Starting agent process.\nWaiting for completion of");
    expect(stdout.toString()).toEndWith(
      'Task succeeded with status "done"\nRunning agent shutdown hook.\n',
    );
    expect(exitCode).toBe(0);
  });

  test.each([
    [["agent"], 0, "usage: trogdor-agent [-h] --agent.config CONFIG"],
    [["coordinator"], 0, "usage: trogdor-coordinator [-h] --coordinator.config CONFIG"],
    [["agent", "-h"], 1, "  --exec TASK_SPEC, -e TASK_SPEC\n"],
    [["agent", "-n", "x"], 1, "trogdor-agent: error: argument --agent.config/-c is required"],
    [["agent", "-c", "/no/such", "-n", "x"], 1, "/no/such"],
    [["agent", "-c", file("trogdor.conf"), "-n", "x"], 1, "No node named x found in the cluster!"],
  ])("%j ends with %i", (args, code, says) => {
    const { exitCode, stdout, stderr } = Bun.spawnSync([script, ...args], {
      env: { ...cleanEnvironment, TROGDOR_BIN: file("trogdor") },
    });
    expect(`${stdout}${stderr}`).toContain(says);
    expect(exitCode).toBe(code);
  });
});
