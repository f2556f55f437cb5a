// What a local Kafka cluster can be asked to be, its defaults, and the checks on it.

export const KAFKA_VERSIONS = ["4.1.0", "3.9.1"] as const;
export type KafkaVersion = (typeof KAFKA_VERSIONS)[number];

export const DEFAULT_NAME = "default";
export const DEFAULT_PORT = 9092;

/** What a caller asks for; everything has a default. */
export interface ClusterRequest {
  readonly name?: string;
  readonly version?: KafkaVersion;
  readonly brokers?: number;
  /** The PLAINTEXT port of broker 1 (others follow at fixed steps), or any free ports. */
  readonly port?: number | "auto";
  readonly tls?: boolean;
  readonly sasl?: boolean;
  /** Each broker in a network namespace of its own, on one bridge. Needs root. */
  readonly netns?: boolean;
  /** The broker whose data lie on the fault file system; 0 for none. Needs root. */
  readonly kibosh?: number;
  /** Turns the authorizer on: see `docs/kafka-script.md`. Brings the SASL listeners with it. */
  readonly acl?: boolean;
  /** The maximum heap of each JVM, as `-Xmx` takes it. */
  readonly heap?: string;
  /**
   * Cheap start over peak speed: serial collector and first-tier compiler only. Not for benches.
   */
  readonly fastJvm?: boolean;
  /** More lines for server.properties; they win over ours. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Feature levels for the format step, `share.version` to 1 for share groups. */
  readonly features?: Readonly<Record<string, string>>;
}

/** A request with every default filled in. */
export interface ClusterOptions {
  readonly name: string;
  readonly version: KafkaVersion;
  readonly brokers: number;
  readonly port: number | "auto";
  readonly tls: boolean;
  readonly sasl: boolean;
  readonly acl: boolean;
  readonly netns: boolean;
  readonly kibosh: number;
  readonly heap: string;
  readonly fastJvm: boolean;
  readonly properties: Readonly<Record<string, string>>;
  readonly features: Readonly<Record<string, string>>;
}

/** Fills in defaults; throws one error that names everything that is wrong. */
export function resolveOptions(request: ClusterRequest): ClusterOptions {
  const brokers = request.brokers ?? 1;
  const acl = request.acl ?? false;
  const options: ClusterOptions = {
    name: request.name ?? DEFAULT_NAME,
    version: request.version ?? "4.1.0",
    brokers,
    port: request.port ?? DEFAULT_PORT,
    tls: request.tls ?? false,
    sasl: acl || (request.sasl ?? false),
    acl,
    netns: request.netns ?? false,
    kibosh: request.kibosh ?? 0,
    heap: request.heap ?? (brokers === 1 ? "1g" : "400m"),
    fastJvm: request.fastJvm ?? false,
    properties: request.properties ?? {},
    features: request.features ?? {},
  };
  const problems = findProblems(options);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return options;
}

/** Names are folder names, so they stay within one plain path component. */
export function isClusterName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name);
}

/** The differences that make a running cluster another one than was asked for, in words. */
export function describeDifferences(running: ClusterOptions, wanted: ClusterOptions): string[] {
  const keys = [
    ...(["version", "brokers", "tls", "sasl", "acl"] as const),
    ...(["netns", "kibosh", "heap", "fastJvm"] as const),
  ];
  const differences = keys
    .filter((key) => running[key] !== wanted[key])
    .map((key) => `${key} is ${running[key]}, asked for ${wanted[key]}`);
  for (const key of ["properties", "features"] as const) {
    const is = JSON.stringify(running[key]);
    const asked = JSON.stringify(wanted[key]);
    if (is !== asked) differences.push(`${key} are ${is}, asked for ${asked}`);
  }
  return differences;
}

function findProblems(options: ClusterOptions): string[] {
  const problems: string[] = [];
  if (!isClusterName(options.name)) {
    problems.push(`name "${options.name}": expected letters, digits, "-" and "_", at most 64`);
  }
  if (!KAFKA_VERSIONS.includes(options.version)) {
    problems.push(`version "${options.version}": expected one of ${KAFKA_VERSIONS.join(", ")}`);
  }
  if (!Number.isInteger(options.brokers) || options.brokers < 1 || options.brokers > 9) {
    problems.push(`brokers ${options.brokers}: expected a whole number from 1 to 9`);
  }
  const { kibosh } = options;
  if (!Number.isInteger(kibosh) || kibosh < 0 || kibosh > options.brokers) {
    problems.push(`kibosh ${kibosh}: expected the number of a broker, 1 to ${options.brokers}`);
  }
  const { port } = options;
  if (port !== "auto" && !(Number.isInteger(port) && port >= 1024 && port <= 65_400)) {
    problems.push(`port ${port}: expected "auto" or a whole number from 1024 to 65400`);
  }
  if (options.netns && options.tls) {
    problems.push("netns and tls: the certificates are for localhost, choose one of the two");
  }
  if (!/^[1-9][0-9]*[mg]$/.test(options.heap)) {
    problems.push(`heap "${options.heap}": expected a size such as 400m or 1g`);
  }
  return problems;
}
