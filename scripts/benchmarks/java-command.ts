// How the Java programs are started: with the JVM flags of Kafka's own start scripts
// (kafka-run-class.sh, with the heap that the script of each tool sets), since that is how people
// run them.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { kafkaClassPath } from "../kafka-cluster/class-path.ts";
import { KAFKA_DIR } from "../kafka-cluster/cluster-files.ts";
import { KAFKA_VERSION } from "./bench-broker.ts";

const ARTIFACTS = [
  `org.apache.kafka:trogdor:${KAFKA_VERSION}`,
  `org.apache.kafka:kafka-tools:${KAFKA_VERSION}`,
];

const SCRIPT_FLAGS = [
  "-server",
  "-XX:+UseG1GC",
  "-XX:MaxGCPauseMillis=20",
  "-XX:InitiatingHeapOccupancyPercent=35",
  "-XX:+ExplicitGCInvokesConcurrent",
  "-Djava.awt.headless=true",
  "-Dcom.sun.management.jmxremote=true",
  "-Dcom.sun.management.jmxremote.authenticate=false",
  "-Dcom.sun.management.jmxremote.ssl=false",
];

/** As config/tools-log4j2: warnings, on stderr. */
const LOGGING = [
  "rootLogger.level = warn",
  "rootLogger.appenderRef.stderr.ref = stderr",
  "appender.stderr.type = Console",
  "appender.stderr.name = stderr",
  "appender.stderr.target = SYSTEM_ERR",
  "appender.stderr.layout.type = PatternLayout",
  "appender.stderr.layout.pattern = [%d] %p %m (%c)%n",
];

/** Fetches the jars when they are not there yet. */
export async function javaClassPath(onProgress: (line: string) => void): Promise<string> {
  return await kafkaClassPath(KAFKA_VERSION, ARTIFACTS, onProgress);
}

export async function javaCommand(heap: string, mainClass: string): Promise<string[]> {
  const classPath = await javaClassPath(() => {});
  const logging = join(KAFKA_DIR, "bench-log4j2.properties");
  writeFileSync(logging, `${LOGGING.join("\n")}\n`);
  const flags = [`-Xmx${heap}`, ...SCRIPT_FLAGS, `-Dlog4j2.configurationFile=${logging}`];
  return ["java", ...flags, "-cp", classPath, mainClass];
}

/** A command as people read it: the class path alone is thousands of characters. */
export function readableCommand(command: readonly string[]): string {
  const at = command.indexOf("-cp");
  const shown = at < 0 ? command : command.with(at + 1, "CLASS_PATH");
  return shown.join(" ");
}
