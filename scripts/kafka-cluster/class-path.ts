// The Java class path of a Kafka broker: Maven resolves it once for each version (Kafka's own
// runtime dependencies and the logging binding that its distribution ships), then it is read from
// .kafka/.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KAFKA_DIR } from "./cluster-files.ts";
import type { KafkaVersion } from "./options.ts";

/**
 * group:artifact:version beside kafka_2.13: what writes the log. The jars of Kafka leave it open.
 */
const LOGGING: Record<KafkaVersion, readonly string[]> = {
  "4.1.0": ["org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"],
  "3.9.1": ["org.slf4j:slf4j-reload4j:1.7.36", "ch.qos.reload4j:reload4j:1.2.25"],
};

const MAVEN_TIMEOUT_MS = 240_000;

/**
 * The class path for a broker of this version, with `extra` artifacts (group:artifact:version)
 * added, such as `org.apache.kafka:trogdor:4.1.0`. Fast when it was resolved before.
 */
export async function kafkaClassPath(
  version: KafkaVersion,
  extra: readonly string[] = [],
  onProgress: (line: string) => void = () => {},
): Promise<string> {
  const artifacts = [`org.apache.kafka:kafka_2.13:${version}`, ...LOGGING[version], ...extra];
  const pom = pomText(artifacts);
  const dir = join(KAFKA_DIR, "class-path", `${version}-${Bun.hash(pom).toString(16)}`);
  const file = join(dir, "class-path.txt");
  const cached = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (cached !== "" && cached.split(":").every((jar) => existsSync(jar))) return cached;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "pom.xml"), pom);
  onProgress(`fetching Kafka ${version} with Maven (once)`);
  await runMaven(dir, file);
  return readFileSync(file, "utf8").trim();
}

async function runMaven(dir: string, outputFile: string): Promise<void> {
  const command = ["mvn", "-q", "-B", "-f", join(dir, "pom.xml")];
  const goal = ["dependency:build-classpath", `-Dmdep.outputFile=${outputFile}`];
  const child = Bun.spawn([...command, ...goal], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: MAVEN_TIMEOUT_MS,
    cwd: dir,
  });
  const texts = [child.stdout, child.stderr].map((stream) => new Response(stream).text());
  const output = (await Promise.all(texts)).join("");
  if ((await child.exited) !== 0) {
    throw new Error(`mvn ${goal.join(" ")} failed in ${dir}:\n${output.trim()}`);
  }
}

function pomText(artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version] = artifact.split(":");
    return (
      `    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId>` +
      `<version>${version}</version></dependency>`
    );
  });
  return [
    "<project>",
    "  <modelVersion>4.0.0</modelVersion>",
    "  <groupId>trogdor.local</groupId><artifactId>broker</artifactId><version>1</version>",
    "  <packaging>pom</packaging>",
    "  <dependencies>",
    ...dependencies,
    "  </dependencies>",
    "</project>",
    "",
  ].join("\n");
}
