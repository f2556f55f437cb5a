// What a daemon's command line, folder, node and signals come to, without any daemon.

import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../platform/log/log.ts";
import { parseTopologyConf } from "../../spec/topology-conf.ts";
import type { Command } from "../command.ts";
import { readCommandLine } from "../command-line.ts";
import { recordedHost } from "../recorded-host.ts";
import { openDaemonLog } from "./daemon-log.ts";
import { findNode, portOf } from "./daemon-node.ts";
import { daemonOptions, readDaemonOptions } from "./daemon-options.ts";
import { type RunningDaemon, runDaemon } from "./run-daemon.ts";
import { resolveStateDir } from "./state-dir.ts";

describe("the state folder", () => {
  const request = { role: "agent", node: "node0", given: undefined, isRoot: false } as const;

  test.each([
    [{ isRoot: true, env: {} }, "/var/lib/trogdor/agent-node0"],
    [{ env: { HOME: "/h/u" } }, "/h/u/.local/state/trogdor/agent-node0"],
    [{ env: { XDG_STATE_HOME: "/x", HOME: "/h/u" } }, "/x/trogdor/agent-node0"],
    [{ env: { XDG_STATE_HOME: "relative", HOME: "/h" } }, "/h/.local/state/trogdor/agent-node0"],
    [{ given: "/a/b", env: {} }, "/a/b"],
    [{ given: "none", role: "coordinator", env: {} }, "none"],
    [{ role: "coordinator", isRoot: true, env: {} }, "/var/lib/trogdor/coordinator-node0"],
    [{ node: "../a?/ü", isRoot: true, env: {} }, "/var/lib/trogdor/agent-..%2Fa%3F%2F%C3%BC"],
  ] as const)("for %j is %s", (more, expected) => {
    expect(resolveStateDir({ ...request, ...more })).toBe(expected);
  });

  test("of two long node names are two", () => {
    const names = ["a", "b"].map((end) =>
      resolveStateDir({ ...request, node: "n".repeat(500) + end, isRoot: true, env: {} }),
    );
    expect(names[0]).not.toBe(names[1]);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThan(255);
  });

  test.each([
    [{ env: {} }, "give --state-dir DIR"],
    [{ env: {}, given: "" }, '"--state-dir" is empty'],
    [{ env: {}, given: "none" }, "only the coordinator takes"],
  ] as const)("cannot be had from %j", (more, says) => {
    expect(() => resolveStateDir({ ...request, ...more })).toThrow(says);
  });
});

describe("the options", () => {
  const read = (...args: string[]) => {
    const command = { name: "agent", options: daemonOptions("agent"), examples: [] };
    return readDaemonOptions(readCommandLine(command as unknown as Command, args));
  };

  test("have the names of the reference too", () => {
    const expected = { configPath: "t.conf", node: "n0", isInsecure: false, asJava: false };
    for (const args of [
      ["--agent.config", "t.conf", "--node-name", "n0"],
      ["-c", "t.conf", "-n", "n0"],
      ["--config=t.conf", "--node=n0"],
    ]) {
      expect(read(...args)).toMatchObject(expected);
    }
  });

  test("that are missing or wrong are named", () => {
    expect(() => read()).toThrow(/--config CONF.*\n.*--node NODE/);
    expect(() => read("-c", "x", "-n", "y", "--log-level", "loud")).toThrow(
      '"loud"; expected debug',
    );
    expect(() => read("-c", "x", "-n", "y", "--log-size", "0")).toThrow("from 1 to 1000000");
  });
});

describe("a daemon's node", () => {
  const conf = parseTopologyConf(
    JSON.stringify({
      platform: "org.apache.kafka.trogdor.basic.BasicPlatform",
      nodes: { a: {}, b: { "trogdor.agent.port": "9", "trogdor.coordinator.port": -1 } },
    }),
    "t.conf",
  );

  test("has the ports of the reference unless the file says otherwise", () => {
    const ports = ["a", "b"].flatMap((name) => {
      const node = findNode(conf, name);
      return [portOf(node, "agent"), portOf(node, "coordinator")];
    });
    expect(ports).toEqual([8888, 8889, 9, 0]);
  });

  test("that is unknown gets the reference's sentence", () => {
    expect(() => findNode(conf, "zz")).toThrow(
      "No node named zz found in the cluster!  Cluster nodes are: a,b",
    );
  });
});

describe("a daemon's log", () => {
  test("is JSON off a terminal, and kept for those who ask", () => {
    const host = recordedHost();
    const options = { logLevel: "info", logFile: undefined, logSizeBytes: 1 } as const;
    const { log, recent } = openDaemonLog(options, host.err, () => 0);
    log.info("worker started", { taskId: "t", workerId: 1n });
    expect(JSON.parse(host.written.err)).toMatchObject({ event: "worker started", workerId: "1" });
    expect(recent.find({ lines: 1, taskId: "t" })).toEqual([host.written.err.trim()]);
  });

  test("goes to --log-file as JSON, or is refused in one sentence", () => {
    const folder = mkdtempSync(join(tmpdir(), "trogdor-log-"));
    const host = recordedHost();
    const logFile = join(folder, "deep/agent.log");
    const options = { logLevel: "info", logFile, logSizeBytes: 1e6 } as const;
    const { log, close } = openDaemonLog(options, { ...host.err, isTerminal: true }, () => 0);
    log.info("x");
    close();
    expect(JSON.parse(readFileSync(logFile, "utf8"))).toMatchObject({ event: "x" });
    const wrong = { ...options, logFile: join(logFile, "y") };
    expect(() => openDaemonLog(wrong, host.err, () => 0)).toThrow("--log-file cannot be written");
    rmSync(folder, { recursive: true });
  });

  test("drops lines that nobody reads, and says how many", () => {
    const host = recordedHost();
    const stalled = { ...host.err, isBehind: true };
    const options = { logLevel: "info", logFile: undefined, logSizeBytes: 1 } as const;
    const { log } = openDaemonLog(options, stalled, () => 0);
    for (let index = 0; index < 10_010; index += 1) log.info("x");
    stalled.isBehind = false;
    log.info("y");
    expect(host.written.err).toContain("(10 log lines were dropped");
  });
});

describe("a daemon's process", () => {
  function daemon() {
    const host = recordedHost();
    const end = Promise.withResolvers<void>();
    let stops = 0;
    const running: RunningDaemon = {
      ended: end.promise,
      stop: async () => {
        stops += 1;
      },
    };
    return { host, end, running, stops: () => stops };
  }

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("stops in order on %s and exits with %i", async (signal, code) => {
    const { host, end, running, stops } = daemon();
    const exitCode = runDaemon(async () => running, silentLog, host);
    await Promise.resolve();
    host.sendSignal(signal);
    expect(stops()).toBe(1);
    end.resolve();
    expect(await exitCode).toBe(code);
    expect(host.listenerCount).toBe(0);
  });

  test("leaves at once on a second signal", async () => {
    const { host, end, running, stops } = daemon();
    const exitCode = runDaemon(async () => running, silentLog, host);
    await Promise.resolve();
    host.sendSignal("SIGTERM");
    host.sendSignal("SIGTERM");
    expect([stops(), host.left]).toEqual([1, [143]]);
    end.resolve();
    await exitCode;
  });

  test("that is told to stop while it starts stops once it has started", async () => {
    const { host, end, running, stops } = daemon();
    const started = Promise.withResolvers<RunningDaemon>();
    const exitCode = runDaemon(() => started.promise, silentLog, host);
    host.sendSignal("SIGTERM");
    started.resolve(running);
    end.resolve();
    expect(await exitCode).toBe(143);
    expect(stops()).toBe(1);
  });

  test("exits with 0 when it was told to end over REST, and fails with what ended it", async () => {
    const orderly = daemon();
    orderly.end.resolve();
    expect(await runDaemon(async () => orderly.running, silentLog, orderly.host)).toBe(0);
    const failed = daemon();
    failed.end.reject(new Error("the disk is full"));
    expect(runDaemon(async () => failed.running, silentLog, failed.host)).rejects.toThrow("full");
  });
});
