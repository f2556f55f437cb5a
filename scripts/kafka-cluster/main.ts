// The command line of scripts/kafka. Progress goes to stderr; the answer, to stdout.

import { parseArgs } from "node:util";
import * as cluster from "./cluster.ts";
import { type ClusterData, isClusterRunning } from "./connection-data.ts";
import { type ClusterRequest, DEFAULT_NAME, type KafkaVersion } from "./options.ts";

const USAGE = `Runs a real Kafka cluster (KRaft) on this machine.

  scripts/kafka start [options]       start it and wait until it answers; safe to repeat
  scripts/kafka stop                  stop it; --delete removes its data, --all means every cluster
  scripts/kafka status                what runs; all clusters without --name
  scripts/kafka start|stop|kill|pause|resume --broker N      one broker of a running cluster

  --name NAME        which cluster (default "default"); several can run side by side
  --json             print connection data as JSON

  --version V        4.1.0 (default) or 3.9.1
  --brokers N        brokers, each also a controller in a JVM of its own (default 1)
  --port N|auto      PLAINTEXT port of broker 1 (default 9092), or any free ports
  --tls              add the listener SSL, with a test authority and client keystores
  --sasl             add the listener SASL_PLAINTEXT (with --tls also SASL_SSL)
  --acl              turn the authorizer on (brings --sasl): user "limited" may do nothing
  --netns            each broker in a network namespace of its own (10.99.0.N) on one bridge;
                     clients run in the namespace trogdor-kafka-NAME (needs root)
  --kibosh N         the data of broker N on the fault file system, mounted over itself (needs root)
  --heap SIZE        heap of each JVM (default 1g for one broker, else 400m)
  --fast-jvm         start faster, run slower: not for benches
  --property K=V     a line for server.properties, repeatable
  --feature K=V      a feature level for the format step, repeatable
`;

function parseCommandLine(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      name: { type: "string" },
      json: { type: "boolean" },
      version: { type: "string" },
      brokers: { type: "string" },
      broker: { type: "string" },
      port: { type: "string" },
      tls: { type: "boolean" },
      sasl: { type: "boolean" },
      acl: { type: "boolean" },
      netns: { type: "boolean" },
      kibosh: { type: "string" },
      heap: { type: "string" },
      "fast-jvm": { type: "boolean" },
      property: { type: "string", multiple: true },
      feature: { type: "string", multiple: true },
      delete: { type: "boolean" },
      all: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
}

type Values = ReturnType<typeof parseCommandLine>["values"];

const BROKER_VERBS: Record<string, (name: string, brokerId: number) => Promise<ClusterData>> = {
  start: cluster.startBroker,
  stop: cluster.stopBroker,
  kill: cluster.killBroker,
  pause: cluster.pauseBroker,
  resume: cluster.resumeBroker,
};

async function main(): Promise<number> {
  const { values, positionals } = parseCommandLine(process.argv.slice(2));
  const verb = positionals[0];
  if (values.help === true || verb === undefined || positionals.length > 1) {
    (values.help === true ? process.stdout : process.stderr).write(USAGE);
    return values.help === true ? 0 : 2;
  }
  if (values.broker !== undefined) return await runBrokerVerb(verb, values);
  if (verb === "start") return await runStart(values);
  if (verb === "stop") return await runStop(values);
  if (verb === "status") return await runStatus(values);
  const wants = verb in BROKER_VERBS ? `${verb} needs --broker N` : `there is no command "${verb}"`;
  process.stderr.write(`${wants}\n\n${USAGE}`);
  return 2;
}

async function runBrokerVerb(verb: string, values: Values): Promise<number> {
  const act = BROKER_VERBS[verb];
  const brokerId = Number(values.broker);
  if (act === undefined || !Number.isInteger(brokerId)) {
    process.stderr.write(`expected start, stop, kill, pause or resume, and a whole --broker\n`);
    return 2;
  }
  print(await act(values.name ?? DEFAULT_NAME, brokerId), values);
  return 0;
}

async function runStart(values: Values): Promise<number> {
  const startedMs = performance.now();
  const { wasRunning, data } = await cluster.startCluster(requestFrom(values), progress);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  progress(wasRunning ? `cluster "${data.name}" is running already` : `ready after ${seconds} s`);
  print(data, values);
  return 0;
}

async function runStop(values: Values): Promise<number> {
  const isDeleted = values.delete ?? false;
  const names =
    values.all === true
      ? (await cluster.allClusters()).map((data) => data.name)
      : [values.name ?? DEFAULT_NAME];
  for (const name of names) {
    const wasRunning = await cluster.stopCluster(name, isDeleted);
    progress(wasRunning ? `cluster "${name}" has stopped` : `cluster "${name}" was not running`);
  }
  return 0;
}

async function runStatus(values: Values): Promise<number> {
  const one = values.name === undefined ? undefined : await cluster.clusterStatus(values.name);
  const all = values.name === undefined ? await cluster.allClusters() : one ? [one] : [];
  if (values.json === true) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  else if (all.length === 0) process.stdout.write("no cluster\n");
  else for (const data of all) print(data, values);
  return all.some(isClusterRunning) ? 0 : 1;
}

function requestFrom(values: Values): ClusterRequest {
  const request: { -readonly [K in keyof ClusterRequest]: ClusterRequest[K] } = {
    tls: values.tls ?? false,
    sasl: values.sasl ?? false,
    acl: values.acl ?? false,
    netns: values.netns ?? false,
    fastJvm: values["fast-jvm"] ?? false,
    properties: pairs(values.property),
    features: pairs(values.feature),
  };
  if (values.name !== undefined) request.name = values.name;
  if (values.version !== undefined) request.version = values.version as KafkaVersion;
  if (values.brokers !== undefined) request.brokers = Number(values.brokers);
  if (values.kibosh !== undefined) request.kibosh = Number(values.kibosh);
  if (values.heap !== undefined) request.heap = values.heap;
  if (values.port !== undefined)
    request.port = values.port === "auto" ? "auto" : Number(values.port);
  return request;
}

function pairs(texts: readonly string[] = []): Record<string, string> {
  const entries = texts.map((text): [string, string] => {
    const at = text.indexOf("=");
    if (at < 1) throw new Error(`"${text}": expected key=value`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries(entries);
}

function print(data: ClusterData, values: Values): void {
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    return;
  }
  const lines = [`cluster "${data.name}", Kafka ${data.version}`];
  for (const broker of data.brokers) {
    const pid = broker.pid === undefined ? "" : `, pid ${broker.pid}`;
    lines.push(`  broker ${broker.id}: ${broker.state}${pid}`);
  }
  for (const [listener, servers] of Object.entries(data.bootstrapServers)) {
    lines.push(`  ${listener}: ${servers}`);
  }
  if (data.clientNamespace !== undefined) {
    lines.push(`  clients run with: ip netns exec ${data.clientNamespace} ...`);
  }
  lines.push(`  data: ${data.dataDir}`);
  if (data.kiboshMount !== undefined) lines.push(`  fault file system: ${data.kiboshMount}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

function progress(line: string): void {
  process.stderr.write(`kafka: ${line}\n`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`kafka: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
