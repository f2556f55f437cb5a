// What a cluster that does not let us gets: a failed task within its time, the cause in one
// sentence, exit code 1, no stack trace, nothing left running. The real program, a real broker.

import { beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { trogdorCommand } from "../cli/trogdor.ts";
import { type ClusterData, sharedCluster, uniqueName } from "../support/kafka.ts";
import { root } from "../tidy/source-files.ts";

const clusterStartMs = 120_000;
/** Far more than any of these tasks may take, far less than their durationMs. */
const tookMsMax = 45_000;

let cluster: ClusterData;
beforeAll(async () => {
  cluster = await sharedCluster({ tls: true, acl: true });
}, clusterStartMs);

type Fields = Readonly<Record<string, unknown>>;

interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
  /** Processes of the run's session that outlived it. */
  readonly leftRunning: readonly string[];
}

/** In a session of its own, so that whatever it leaves behind can be found. */
async function produce(fields: Fields, env: Record<string, string> = {}): Promise<Run> {
  const spec = {
    class: "org.apache.kafka.trogdor.workload.ProduceBenchSpec",
    durationMs: 60_000,
    targetMessagesPerSec: 1000,
    maxMessages: 10,
    ...fields,
  };
  const beginMs = performance.now();
  const child = Bun.spawn([...trogdorCommand, "exec", "-", "--quiet", "--json"], {
    cwd: root,
    env: { ...process.env, ...env },
    stdin: Buffer.from(JSON.stringify(spec)),
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
    timeout: 50_000,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const exitCode = await child.exited;
  const tookMs = performance.now() - beginMs;
  return { exitCode, stdout, stderr, tookMs, leftRunning: processesOfSession(child.pid) };
}

function processesOfSession(session: number): string[] {
  return readdirSync("/proc").filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      // Behind the name in brackets: state, parent, group, session.
      const fields = readFileSync(`/proc/${entry}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      return Number(fields[3]) === session && fields[0] !== "Z";
    } catch {
      return false;
    }
  });
}

function expectFailure(run: Run, cause: RegExp): void {
  expect(run.stderr).toMatch(/^trogdor: the task failed: [^\n]+\n$/);
  expect(run.stderr).toMatch(cause);
  expect([run.exitCode, run.leftRunning]).toEqual([1, []]);
  expect(run.tookMs).toBeLessThan(tookMsMax);
  JSON.parse(run.stdout);
}

const topic = (name: string, numPartitions = 1): Fields => ({
  activeTopics: { [name]: { numPartitions, replicationFactor: 1 } },
});

function login(name: string, password: string, mechanism = "PLAIN"): Record<string, string> {
  const module = mechanism === "PLAIN" ? "plain.Plain" : "scram.Scram";
  return {
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": mechanism,
    "sasl.jaas.config":
      `org.apache.kafka.common.security.${module}LoginModule required ` +
      `username="${name}" password="${password}";`,
  };
}

function asUser(name: string): Record<string, string> {
  const user = cluster.users.find((candidate) => candidate.name === name)!;
  return login(user.name, user.password);
}

const saslServers = () => cluster.bootstrapServers.SASL_PLAINTEXT!;

describe("a task fails in one sentence", () => {
  test("when no broker answers, after the time-out that it was given", async () => {
    const run = await produce({
      ...topic("foo"),
      bootstrapServers: "127.0.0.1:1",
      durationMs: 3000,
    });
    expectFailure(run, /127\.0\.0\.1:1/);
  });

  test("when the name of the broker is unknown", async () => {
    const run = await produce({
      ...topic("foo"),
      bootstrapServers: "no-such-host.invalid:9092",
      durationMs: 3000,
    });
    expectFailure(run, /no-such-host\.invalid/);
  });

  test.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])(
    "when the password is wrong, with %s",
    async (mechanism) => {
      const run = await produce({
        ...topic("foo"),
        bootstrapServers: saslServers(),
        commonClientConf: login("admin", "wrong", mechanism),
      });
      expectFailure(run, /authenticat|credentials/i);
      expect(run.stderr).not.toContain("wrong-password");
    },
  );

  test("when the broker speaks no TLS", async () => {
    const run = await produce({
      ...topic("foo"),
      bootstrapServers: cluster.bootstrapServers.PLAINTEXT,
      durationMs: 5000,
      commonClientConf: { "security.protocol": "SSL" },
    });
    expectFailure(run, /TLS|SSL/);
  });

  test("when the broker wants TLS", async () => {
    const run = await produce({
      ...topic("foo"),
      bootstrapServers: cluster.bootstrapServers.SSL!,
      durationMs: 5000,
    });
    expectFailure(run, /TLS|SSL|closed|disconnect/i);
  });

  // The variable would have the runtime trust every certificate.
  test.each(["native", "kafkajs"])("when the certificate is not trusted, %s", async (library) => {
    const trustAll = { NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    const fields = {
      ...topic("foo"),
      clientLibrary: library,
      bootstrapServers: cluster.bootstrapServers.SSL!,
      durationMs: 10_000,
      commonClientConf: {
        "security.protocol": "SSL",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": cluster.tls!.strangerCaPem,
      },
    };
    expectFailure(await produce(fields, trustAll), /certificate/i);
  });

  test("when the user may not create the topic", async () => {
    const run = await produce({
      ...topic(uniqueName("denied")),
      bootstrapServers: saslServers(),
      commonClientConf: asUser("limited"),
    });
    expectFailure(run, /authori[sz]/i);
  });

  test("when the user may not write to a topic that is there", async () => {
    const name = uniqueName("denied");
    const made = await produce({
      ...topic(name),
      bootstrapServers: saslServers(),
      commonClientConf: asUser("admin"),
    });
    expect([made.exitCode, made.stderr]).toEqual([0, ""]);
    const run = await produce({
      ...topic(name),
      bootstrapServers: saslServers(),
      adminClientConf: asUser("admin"),
      producerConf: asUser("limited"),
    });
    expectFailure(run, /authori[sz]/i);
  });

  test("when a topic has another number of partitions", async () => {
    const name = uniqueName("partitions");
    const as = { bootstrapServers: saslServers(), commonClientConf: asUser("admin") };
    const made = await produce({ ...topic(name, 2), ...as });
    expect([made.exitCode, made.stderr]).toEqual([0, ""]);
    expectFailure(
      await produce({ ...topic(name, 3), ...as }),
      /Topic '.*' exists, but has 2 partitions, while requested {2}number of partitions is 3/,
    );
  });

  test("when more replicas are asked for than there are brokers", async () => {
    const run = await produce({
      activeTopics: { [uniqueName("wide")]: { numPartitions: 1, replicationFactor: 3 } },
      bootstrapServers: saslServers(),
      commonClientConf: asUser("admin"),
    });
    expectFailure(run, /replica/i);
  });
});
