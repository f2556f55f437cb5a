// How the daemons start and end as processes: what they say, their exit codes, and the one sentence
// that each mistake gets.

import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { trogdor } from "../cli/trogdor.ts";
import { eventually, serves } from "../support/daemon-process.ts";
import {
  ask,
  createNoOp,
  noOpClass,
  type OwnDaemons,
  ownDaemons,
  type Role,
  workersOf,
} from "../support/own-daemons.ts";

const roles: readonly Role[] = ["agent", "coordinator"];
const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";

/** Runs a daemon that cannot start. */
async function fail(daemons: OwnDaemons, role: Role, args = daemons.args(role)) {
  const { exitCode, stdout, stderr } = await trogdor(args);
  const lines = stderr.trimEnd().split("\n");
  return { exitCode, stdout, said: lines.filter((line) => !line.startsWith("{")).join("\n") };
}

describe.each(roles)("the %s", (role) => {
  test("that starts says so in one JSON line off a terminal", async () => {
    await using daemons = await ownDaemons();
    const daemon = await daemons.start(role);
    const [first = ""] = daemon.output.split("\n");
    expect(JSON.parse(first)).toMatchObject({
      level: "info",
      event: `${role} is ready`,
      node: "node0",
      url: daemons.urls[role],
      stateDir: daemons.stateDir(role),
    });
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("ends in order on %s with exit code %i", async (signal, code) => {
    await using daemons = await ownDaemons();
    const daemon = await daemons.start(role);
    daemon.kill(signal);
    expect(await daemon.exited).toBe(code);
    expect(readdirSync(daemons.stateDir(role))).not.toContain("state.db-wal");
  });

  test("ends with exit code 0 when it is told to over REST", async () => {
    await using daemons = await ownDaemons();
    const daemon = await daemons.start(role);
    const body = role === "agent" ? undefined : { stopAgents: false };
    expect(await ask("PUT", `${daemons.urls[role]}/${role}/shutdown`, body)).toEqual({});
    expect(await daemon.exited).toBe(0);
  });

  test("says whose a locked state folder is", async () => {
    await using daemons = await ownDaemons();
    const first = await daemons.start(role);
    expect(await fail(daemons, role)).toEqual({
      exitCode: 1,
      stdout: "",
      said:
        `trogdor: The state folder ${daemons.stateDir(role)} is in use by process ${first.pid}: ` +
        "stop that one, or give another --state-dir",
    });
  });

  test("is refused the state folder of another daemon", async () => {
    await using daemons = await ownDaemons();
    const other = role === "agent" ? "coordinator" : "agent";
    const owner = await daemons.start(other);
    owner.kill("SIGTERM");
    await owner.exited;
    const args = [...daemons.args(role).slice(0, -1), daemons.stateDir(other)];
    const { exitCode, said } = await fail(daemons, role, args);
    const whose = other === "agent" ? "the agent of node node0" : "a coordinator";
    expect([exitCode, said]).toEqual([1, expect.stringContaining(`is that of ${whose}: give`)]);
    expect(said).not.toContain("\n");
  });

  test("says that its port is taken, and leaves nothing behind", async () => {
    await using daemons = await ownDaemons();
    await daemons.start(role);
    const other = join(daemons.folder, "other");
    const { exitCode, said } = await fail(daemons, role, [
      ...daemons.args(role).slice(0, -1),
      other,
    ]);
    const port = new URL(daemons.urls[role]).port;
    expect([exitCode, said.split("\n").length]).toEqual([1, 1]);
    expect(said).toContain(`cannot listen on 127.0.0.1 port ${port}`);
    const again = await fail(daemons, role, [...daemons.args(role).slice(0, -1), other]);
    expect(again.said).toBe(said);
  });

  test("ends with exit code 1 when its state folder cannot be used", async () => {
    await using daemons = await ownDaemons();
    mkdirSync(daemons.stateDir(role), { recursive: true });
    writeFileSync(join(daemons.stateDir(role), "state.db"), "this is no database ".repeat(500));
    const { exitCode, said } = await fail(daemons, role);
    expect([exitCode, said]).toEqual([1, expect.stringContaining("is damaged")]);
    expect(said).not.toContain("\n");
  });

  test.each([
    ["no configuration", ["-c", "/no/such.conf"], "no such"],
    ["an unknown node", ["-n", "zz"], "No node named zz found in the cluster!  Cluster nodes are:"],
    ["an address for everyone without credentials", ["--listen", "0.0.0.0"], "--insecure"],
    ["a token that is not there", ["--token-file", "/no/token"], "--token-file /no/token"],
    ["a certificate without its key", ["--tls-cert", "/no/cert"], "--tls-key"],
    ["a log level", ["--log-level", "loud"], "debug, info, warn or error"],
  ])("ends with exit code 2 for %s that is wrong", async (_name, args, says) => {
    await using daemons = await ownDaemons();
    const replaced = new Set(args.filter((arg) => arg.startsWith("-")));
    const kept = daemons.args(role).flatMap((arg, index, all) => {
      return replaced.has(arg) || replaced.has(all[index - 1] ?? "") ? [] : [arg];
    });
    const { exitCode, said } = await fail(daemons, role, [...kept, ...args]);
    expect([exitCode, said]).toEqual([2, expect.stringContaining(says)]);
    expect(said).not.toMatch(/^\s+at /m);
    expect(existsSync(daemons.stateDir(role))).toBe(false);
  });

  test.each([
    ["{}", "Expected to find a 'platform' field in the root JSON configuration object"],
    ["", ""],
    [`{"platform":"${platform}"}`, "Expected to find a 'nodes' field in the root JSON"],
    [`{"platform":"${platform}","nodes":[]}`, "Expected the 'nodes' element to be a JSON object."],
    [
      `{"platform":"${platform}","nodes":{"node0":{"tags":1}}}`,
      "Expected the 'tags' field to be an array of strings.",
    ],
    [`{"platform":"com.acme.P","nodes":{"node0":{}}}`, "com.acme.P"],
  ])("ends with exit code 2 for the configuration %s", async (text, says) => {
    await using daemons = await ownDaemons();
    writeFileSync(daemons.confPath, text);
    const { exitCode, said } = await fail(daemons, role);
    expect([exitCode, said]).toEqual([2, expect.stringContaining(says)]);
  });

  test("logs to a file when it is told to", async () => {
    await using daemons = await ownDaemons();
    const logFile = join(daemons.folder, "logs", "daemon.log");
    const daemon = await daemons.start(role, [], ["--log-file", logFile]);
    expect(daemon.output).toBe("");
    expect(readFileSync(logFile, "utf8")).toContain(`"event":"${role} is ready"`);
  });
});

describe("the agent", () => {
  test("needs a state folder on disk", async () => {
    await using daemons = await ownDaemons();
    const args = [...daemons.args("agent").slice(0, -1), "none"];
    expect(await fail(daemons, "agent", args)).toMatchObject({ exitCode: 2 });
  });

  test("runs one task with --exec, as the reference does, and opens no port", async () => {
    await using daemons = await ownDaemons();
    await daemons.start("agent");
    const spec = '{"class":"NoOp","durationMs":20}';
    const args = ["agent", "-c", daemons.confPath, "-n", "node0", "-e", spec];
    expect(await trogdor(args)).toMatchObject({ exitCode: 0 });
  });

  test("has nothing to clean up after an orderly end", async () => {
    await using daemons = await ownDaemons();
    expect(await trogdor([...daemons.args("agent"), "--cleanup"])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("no fault is left in "),
    });
  });

  test("stops its workers when no coordinator was heard for --dead-man", async () => {
    await using daemons = await ownDaemons();
    await daemons.start("agent", [], ["--dead-man", "300ms"]);
    const coordinator = await daemons.start("coordinator");
    await createNoOp(daemons, "t", 3_600_000);
    const states = async () => [...(await workersOf(daemons)).values()];
    // On a machine that stalls the coordinator may have been silent for long enough already.
    const hasBegun = async () => /RUNNING|DONE/.test((await states())[0]?.state ?? "");
    expect(await eventually(hasBegun, 30_000)).toBe(true);
    coordinator.kill("SIGKILL");
    await coordinator.exited;
    // Asking for the status would be a sign of life: the log is read instead.
    const logs = `${daemons.urls.agent}/trogdor/agent/logs?lines=100&taskId=t`;
    const hasEnded = async () => JSON.stringify(await ask("GET", logs)).includes("worker ended");
    expect(await eventually(hasEnded, 30_000)).toBe(true);
    expect(await states()).toMatchObject([
      { state: "DONE", error: expect.stringContaining("the coordinator was silent for") },
    ]);
  });
});

describe("daemons with a token", () => {
  test("run a task for who has it, and for nobody else", async () => {
    await using daemons = await ownDaemons();
    const tokenFile = join(daemons.folder, "token");
    writeFileSync(tokenFile, "a-secret\n");
    for (const role of roles) await daemons.start(role, [], ["--token-file", tokenFile]);
    const target = daemons.urls.coordinator.replace("http://", "");
    const spec = JSON.stringify({ class: noOpClass, durationMs: 60_000 });
    const create = ["client", "create", spec, "-i", "t", "-t", target];
    const refused = await trogdor(create);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("token")]);
    const withToken = ["--token-file", tokenFile];
    expect(await trogdor([...create, ...withToken])).toMatchObject({ exitCode: 0 });
    const show = ["client", "showTask", "-i", "t", "-S", "-t", target, ...withToken];
    const isActive = async () => (await trogdor(show)).stdout.includes('"active"');
    expect(await eventually(isActive, 40_000)).toBe(true);
  });
});

describe("an agent that was told to end", () => {
  test("closes its port at once, and ends when its last worker has", async () => {
    await using daemons = await ownDaemons();
    const agent = await daemons.start("agent");
    const mayEnd = join(daemons.folder, "may-end");
    const script = `trap "" TERM; while [ ! -e ${mayEnd} ]; do sleep 0.05; done`;
    const spec = {
      class: "org.apache.kafka.trogdor.workload.ExternalCommandSpec",
      startMs: Date.now(),
      durationMs: 60_000,
      commandNode: "node0",
      command: ["sh", "-c", script],
      shutdownGracePeriodMs: 60_000,
    };
    const { agent: url } = daemons.urls;
    await ask("POST", `${url}/agent/worker/create`, { workerId: 1, taskId: "t", spec });
    await ask("PUT", `${url}/agent/shutdown`);
    expect(await eventually(async () => !(await serves(`${url}/agent/uptime`)), 30_000)).toBe(true);
    expect(existsSync(`/proc/${agent.pid}`)).toBe(true);
    writeFileSync(mayEnd, "");
    expect(await agent.exited).toBe(0);
  });
});

describe("the coordinator", () => {
  test("has nowhere to archive to with --state-dir none", async () => {
    await using daemons = await ownDaemons();
    const args = [...daemons.args("coordinator").slice(0, -1), "none", "--archive"];
    const { exitCode, said } = await fail(daemons, "coordinator", args);
    expect([exitCode, said]).toEqual([2, expect.stringContaining("--archive")]);
  });

  test("forgets everything with --state-dir none", async () => {
    await using daemons = await ownDaemons();
    const none = ["--state-dir", "none"];
    const first = await daemons.start("coordinator", [], none);
    await createNoOp(daemons, "t", 1000);
    first.kill("SIGTERM");
    await first.exited;
    await daemons.start("coordinator", [], none);
    expect(await ask("GET", `${daemons.urls.coordinator}/coordinator/tasks`)).toEqual({
      tasks: {},
    });
    expect(existsSync(daemons.stateDir("coordinator"))).toBe(false);
  });

  test("ends its agents too when it is told to", async () => {
    await using daemons = await ownDaemons();
    const agent = await daemons.start("agent");
    const coordinator = await daemons.start("coordinator");
    const url = `${daemons.urls.coordinator}/coordinator/shutdown`;
    await ask("PUT", url, { stopAgents: true });
    expect(await Promise.all([coordinator.exited, agent.exited])).toEqual([0, 0]);
  });

  test("keeps as many finished tasks as it is told, and archives the others", async () => {
    await using daemons = await ownDaemons();
    await daemons.start("agent");
    await daemons.start("coordinator", [], ["--retain-tasks", "2", "--archive"]);
    for (const id of ["a", "b", "c", "d"]) await createNoOp(daemons, id, 1);
    const archive = join(daemons.stateDir("coordinator"), "archive.jsonl");
    const ids = () =>
      readFileSync(archive, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).id);
    const kept = async () => {
      const shown = await ask("GET", `${daemons.urls.coordinator}/coordinator/tasks`);
      return Object.keys((shown as { tasks: object }).tasks);
    };
    // Forgotten only once they are archived.
    expect(await eventually(async () => (await kept()).length === 2, 10_000)).toBe(true);
    expect([...(await kept()), ...ids()].sort()).toEqual(["a", "b", "c", "d"]);
  });
});
