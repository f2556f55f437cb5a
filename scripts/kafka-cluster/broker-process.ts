// The JVMs of a cluster: the format step and the broker itself, which outlives the script that
// starts it (a session of its own, output to a file).

import { spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { brokerDir, brokerLogFile, clusterDir } from "./cluster-files.ts";
import { whereBrokerRuns } from "./network-namespaces.ts";
import type { ClusterOptions } from "./options.ts";
import { identifyProcess, type ProcessIdentity } from "./process-identity.ts";
import { scramArguments } from "./users.ts";

/** What Kafka's own start script passes, so that measurements mean what they mean elsewhere. */
const USUAL_JVM = [
  "-server",
  "-XX:+UseG1GC",
  "-XX:MaxGCPauseMillis=20",
  "-XX:InitiatingHeapOccupancyPercent=35",
  "-XX:+ExplicitGCInvokesConcurrent",
];
const FAST_START_JVM = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
const LOG_TAIL_LINES = 15;

/** Writes what both versions' logging bindings read: everything from INFO up to stdout. */
export function writeLoggingFiles(name: string): void {
  const pattern = "[%d] %p %m (%c)%n";
  const log4j2 = [
    "rootLogger.level = info",
    "rootLogger.appenderRef.stdout.ref = stdout",
    "appender.stdout.type = Console",
    "appender.stdout.name = stdout",
    "appender.stdout.layout.type = PatternLayout",
    `appender.stdout.layout.pattern = ${pattern}`,
  ];
  const log4j1 = [
    "log4j.rootLogger=INFO, stdout",
    "log4j.appender.stdout=org.apache.log4j.ConsoleAppender",
    "log4j.appender.stdout.layout=org.apache.log4j.PatternLayout",
    `log4j.appender.stdout.layout.ConversionPattern=${pattern}`,
  ];
  writeFileSync(join(clusterDir(name), "log4j2.properties"), `${log4j2.join("\n")}\n`);
  writeFileSync(join(clusterDir(name), "log4j.properties"), `${log4j1.join("\n")}\n`);
}

/** Runs kafka-storage's format for one broker. */
export async function formatStorage(
  options: ClusterOptions,
  classPath: string,
  clusterId: string,
  brokerId: number,
): Promise<void> {
  const dir = brokerDir(options.name, brokerId);
  const features = Object.entries(options.features);
  const command = [
    ...["java", "-Xshare:auto", ...FAST_START_JVM, ...loggingFlags(options.name)],
    ...["-cp", classPath, "kafka.tools.StorageTool", "format"],
    ...["--cluster-id", clusterId, "--config", join(dir, "server.properties")],
    ...features.flatMap(([feature, level]) => ["--feature", `${feature}=${level}`]),
    ...(options.sasl ? scramArguments() : []),
  ];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  appendFileSync(brokerLogFile(options.name, brokerId), out + err);
  if ((await child.exited) !== 0) {
    throw new Error(`formatting broker ${brokerId} failed:\n${(out + err).trim()}`);
  }
}

/** Starts one broker; it answers some seconds later. */
export function spawnBroker(
  options: ClusterOptions,
  classPath: string,
  brokerId: number,
): ProcessIdentity {
  const dir = brokerDir(options.name, brokerId);
  mkdirSync(dir, { recursive: true });
  const log = openSync(brokerLogFile(options.name, brokerId), "a");
  const flags = [
    ...[`-Xmx${options.heap}`, `-Xms${options.heap}`, "-Djava.awt.headless=true"],
    ...(options.fastJvm ? FAST_START_JVM : USUAL_JVM),
    ...loggingFlags(options.name),
  ];
  const command = [...flags, "-cp", classPath, "kafka.Kafka", join(dir, "server.properties")];
  try {
    const [program = "", ...args] = whereBrokerRuns(options, brokerId, ["java", ...command]);
    const child = spawn(program, args, { cwd: dir, detached: true, stdio: ["ignore", log, log] });
    // A failed spawn shows as a missing pid; without a listener it would end this process.
    child.on("error", () => {});
    child.unref();
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    if (identity === undefined) throw new Error("java did not start: is a JRE 17 installed?");
    return identity;
  } finally {
    closeSync(log);
  }
}

/** The end of a broker's log, for an error that explains itself. */
export function logTail(name: string, brokerId: number): string {
  const lines = readFileSync(brokerLogFile(name, brokerId), "utf8").trimEnd().split("\n");
  return lines.slice(-LOG_TAIL_LINES).join("\n");
}

function loggingFlags(name: string): string[] {
  const dir = clusterDir(name);
  return [
    `-Dlog4j2.configurationFile=${join(dir, "log4j2.properties")}`,
    `-Dlog4j.configuration=file:${join(dir, "log4j.properties")}`,
  ];
}
