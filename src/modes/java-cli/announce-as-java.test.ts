// What harnesses for the Java Trogdor look for: the start line in both places, again and again
// while their log file is known, and an entry that the JDK's own tools list.

import { afterAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { createSimulatedClock } from "../../platform/clock/simulated-clock.ts";
import { type RecordedHost, recordedHost } from "../recorded-host.ts";
import { announceAsJava, repeatAfterSec } from "./announce-as-java.ts";
import { jcmdFile } from "./jcmd-announcement.ts";
import { type JavaRole, javaLogFile } from "./logging-file.ts";

const folder = mkdtempSync(join(tmpdir(), "announce-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const logPath = join(folder, "trogdor-agent.log");
const properties = join(folder, "a.properties");
const yaml = join(folder, "b.yaml");
const beside = join(folder, "beside");
mkdirSync(beside);
const files: readonly (readonly [string, string])[] = [
  [properties, `log4j.rootLogger=INFO\nlog4j.appender.mylogger.File=${logPath}\n`],
  [yaml, `Appenders:\n  File:\n    - name: log\n      fileName: "${logPath}"\n`],
  [join(beside, "trogdor-agent-log4j2.yaml"), `fileName: ${logPath}\n`],
  [join(beside, "trogdor-coordinator-log4j.properties"), "log4j.appender.x.File=/co\n"],
];
for (const [path, text] of files) writeFileSync(path, text);

describe("javaLogFile", () => {
  test.each([
    ["agent", `-Dlog4j.configuration=file:${properties}`, undefined, logPath],
    ["agent", `-Dx=1 -Dlog4j2.configurationFile=file:${yaml} -Dy`, undefined, logPath],
    ["agent", `-Dlog4j2.configurationFile=file://${yaml}`, undefined, logPath],
    ["agent", `-Dlog4j2.configurationFile=${yaml}`, undefined, logPath],
    ["agent", undefined, join(beside, "trogdor.conf"), logPath],
    ["coordinator", undefined, join(beside, "trogdor.conf"), "/co"],
    ["agent", "-Dlog4j.configuration=file:/no/such", undefined, undefined],
    ["agent", "-Xmx1g", join(folder, "trogdor.conf"), undefined],
    ["agent", undefined, undefined, undefined],
  ] as const)("for %s with %p and %p is found", (role, options, configPath, found) => {
    expect(javaLogFile(role, options, configPath)).toBe(found);
  });
});

function announce(role: JavaRole, host: RecordedHost, temporaryFolder: string) {
  const clock = createSimulatedClock();
  const args = ["--agent.config", "/x/trogdor.conf", "--node-name", "node0"];
  const options = { host, clock, args, configPath: undefined, temporaryFolder };
  return { clock, announcement: announceAsJava(role, options) };
}

const quiet = () => mkdtempSync(join(folder, "tmp-"));

describe("announceAsJava", () => {
  test("says the start line once when no log file is known", async () => {
    const host = recordedHost();
    const { clock, announcement } = announce("coordinator", host, quiet());
    await clock.sleep(60_000);
    expect(host.written.out).toBe("Starting coordinator process.\n");
    announcement.end();
  });

  test("repeats it on stdout and in the log file, until the shutdown", async () => {
    const host = recordedHost({ KAFKA_LOG4J_OPTS: `-Dlog4j.configuration=file:${properties}` });
    const { clock, announcement } = announce("agent", host, quiet());
    await clock.sleep(60_000);
    announcement.stopping();
    announcement.stopping();
    announcement.end();
    const starts = Array(repeatAfterSec.length + 1).fill("Starting agent process.");
    const lines = [...starts, "Running agent shutdown hook."];
    expect(host.written.out.trimEnd().split("\n")).toEqual(lines);
    const logged = readFileSync(logPath, "utf8").trimEnd().split("\n");
    const time = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] (?:INFO|WARN) /;
    const end = " (org.apache.kafka.trogdor.agent.Agent)";
    expect(logged.filter((line) => !time.test(line))).toEqual([]);
    const texts = logged.map((line) => line.replace(time, ""));
    expect(texts).toEqual(lines.map((line) => `${line}${end}`));
  });

  test("goes on when the log's folder has been removed", () => {
    const gone = join(folder, "gone.properties");
    rmSync(gone, { force: true });
    const host = recordedHost({ KAFKA_LOG4J_OPTS: `-Dlog4j.configuration=file:${gone}` });
    announce("agent", host, quiet()).announcement.end();
    expect(host.written.out).toBe("Starting agent process.\n");
  });

  test("is in the folder that jcmd reads, and gone at the end", () => {
    const temporaryFolder = quiet();
    const { announcement } = announce("agent", recordedHost(), temporaryFolder);
    const perf = join(temporaryFolder, `hsperfdata_${userInfo().username}`);
    expect(readdirSync(perf)).toEqual([String(process.pid)]);
    expect(readdirSync(temporaryFolder)).toHaveLength(1);
    announcement.end();
    expect(readdirSync(perf)).toEqual([]);
  });

  test("is locked, so that JVMs in other containers leave it", () => {
    const temporaryFolder = quiet();
    const { announcement } = announce("agent", recordedHost(), temporaryFolder);
    const perf = join(temporaryFolder, `hsperfdata_${userInfo().username}`);
    const lock = ["flock", "--nonblock", join(perf, String(process.pid)), "true"];
    expect(Bun.spawnSync(lock).exitCode).toBe(1);
    announcement.end();
  });

  test("writes nothing through a folder that others may write to", () => {
    const temporaryFolder = quiet();
    const perf = join(temporaryFolder, `hsperfdata_${userInfo().username}`);
    mkdirSync(perf);
    Bun.spawnSync(["chmod", "777", perf]);
    announce("agent", recordedHost(), temporaryFolder).announcement.end();
    expect(existsSync(join(perf, String(process.pid)))).toBe(false);
  });
});

describe("jcmdFile", () => {
  test("has the size and the header that the JDK's tools want", () => {
    const file = Buffer.from(jcmdFile("org.example.Main --x"));
    expect(file.length).toBe(4096);
    expect(file.subarray(0, 8).toString("hex")).toBe("cafec0c001020001");
    expect(file.readInt32LE(24)).toBe(32);
    expect(file.readInt32LE(28)).toBe(2);
    expect(file.readInt32LE(8)).toBe(
      32 + file.readInt32LE(32) + file.readInt32LE(32 + file.readInt32LE(32)),
    );
  });

  test("is listed by jcmd", () => {
    const announcement = announceAsJava("agent", {
      host: recordedHost(),
      clock: createSimulatedClock(),
      args: ["--node-name", "node7"],
      configPath: undefined,
    });
    const { stdout } = Bun.spawnSync(["jcmd"]);
    announcement.end();
    const line = `${process.pid} org.apache.kafka.trogdor.agent.Agent --node-name node7`;
    expect(
      stdout
        .toString()
        .split("\n")
        .map((each) => each.trim()),
    ).toContain(line);
  });
});
