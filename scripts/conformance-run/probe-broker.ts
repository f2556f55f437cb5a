// Finds out what a cluster can do before the checks run, by doing it: a topic, a transaction, a
// member of a group of each kind. What it says no to is its own sentence.

import type { Consumer } from "../../src/kafka/client.ts";
import { resolveAdminConf } from "../../src/kafka/conf/resolve-admin-conf.ts";
import { resolveConsumerConf } from "../../src/kafka/conf/resolve-consumer-conf.ts";
import { resolveProducerConf } from "../../src/kafka/conf/resolve-producer-conf.ts";
import type { AdminConf } from "../../src/kafka/conf/types.ts";
import { nativeClients } from "../../src/kafka/native/clients.ts";
import { viewCluster } from "../../src/kafka/native/cluster-view.ts";
import { realClock } from "../../src/platform/clock/real-clock.ts";
import { silentLog } from "../../src/platform/log/log.ts";
import type { Ability } from "../../test/support/broker-under-test.ts";

type Conf = Readonly<Record<string, string>>;

const environment = { clock: realClock, log: silentLog };
const patienceMs = 15_000;
const unstopped = new AbortController().signal;

export interface ProbeRequest {
  readonly conf: Conf;
  readonly namePrefix: string;
  readonly stop: AbortSignal;
}

/** The ids of the brokers. Throws when none answers; leaves nothing behind. */
export async function findBrokers(conf: Conf, stop: AbortSignal): Promise<number[]> {
  const adminConf = await resolved(await resolveAdminConf([conf], { paths: ["client-config"] }));
  const bounded = { ...adminConf, defaultApiTimeoutMs: patienceMs };
  const { brokers } = await viewCluster(bounded, environment, {}, stop);
  return brokers.map(({ id }) => id);
}

/** What the brokers cannot do, and why. Throws where a topic cannot be created. */
export async function probeBroker(request: ProbeRequest) {
  const { conf, namePrefix } = request;
  const adminConf = await resolved(await resolveAdminConf([conf], { paths: ["client-config"] }));
  const topic = `${namePrefix}probe`;
  await createTopic(adminConf, topic);
  const lacks: Partial<Record<Ability, string>> = {
    "brokers that may be stopped": "this run stops no brokers that it did not start",
    "listeners that are known":
      "users, certificates and wrong ports are known of clusters that the run has started",
  };
  const answers: [Ability, Promise<string | undefined>][] = [
    ["transactions", whyNoTransactions(request, topic)],
    ["consumer groups of KIP-848", whyNoConsumerGroups(request, topic)],
    ["share groups", whyNoShareGroups(request, topic)],
  ];
  // None of them may go on, and make a group, when another one has failed.
  const reasons = await Promise.allSettled(answers.map(([, answer]) => answer));
  for (const [index, reason] of reasons.entries()) {
    if (reason.status === "rejected") throw reason.reason;
    if (reason.value !== undefined) lacks[answers[index]![0]] = reason.value;
  }
  request.stop.throwIfAborted();
  return lacks;
}

async function createTopic(conf: AdminConf, name: string): Promise<void> {
  const admin = nativeClients.admin(conf, environment);
  const wanted = { numPartitions: 1, replicationFactor: -1, configs: new Map() };
  try {
    const topic = { name, ...wanted, assignments: new Map() };
    const error = (await admin.createTopics([topic], unstopped)).get(name);
    if (error !== undefined) throw new Error(`cannot create the topic ${name}: ${error.message}`);
  } finally {
    await admin.close();
  }
}

async function whyNoTransactions(
  { conf, namePrefix, stop }: ProbeRequest,
  topic: string,
): Promise<string | undefined> {
  const transactional = { ...conf, "transactional.id": `${namePrefix}probe` };
  const paths = { paths: ["client-config"] };
  const producerConf = await resolved(await resolveProducerConf([transactional], paths));
  const source = { keySize: () => -1, valueSize: () => -1, writeKey() {}, writeValue() {} };
  const bounded = { ...producerConf, maxBlockMs: patienceMs };
  const producer = nativeClients.producer(bounded, source, environment);
  try {
    await producer.start([topic], stop);
    return undefined;
  } catch (error) {
    return sentence(error);
  } finally {
    await producer.close(1000);
  }
}

async function whyNoConsumerGroups(
  { conf, namePrefix, stop }: ProbeRequest,
  topic: string,
): Promise<string | undefined> {
  const group = { "group.id": `${namePrefix}probe-consumer`, "group.protocol": "consumer" };
  const paths = { paths: ["client-config"] };
  const consumerConf = await resolved(await resolveConsumerConf([{ ...conf, ...group }], paths));
  return await whyNotMember(nativeClients.consumer(consumerConf, environment), topic, stop);
}

async function whyNoShareGroups(
  { conf, namePrefix, stop }: ProbeRequest,
  topic: string,
): Promise<string | undefined> {
  const group = { ...conf, "group.id": `${namePrefix}probe-share` };
  const consumerConf = await resolved(
    await resolveConsumerConf([group], { paths: ["client-config"] }),
  );
  return await whyNotMember(nativeClients.shareConsumer(consumerConf, environment), topic, stop);
}

type Member = Pick<Consumer, "membership" | "trouble" | "fatalError" | "subscribe" | "close">;

async function whyNotMember(
  member: Member,
  topic: string,
  stop: AbortSignal,
): Promise<string | undefined> {
  const endMs = Date.now() + patienceMs;
  try {
    await member.subscribe([topic], stop);
    while (member.membership === undefined) {
      stop.throwIfAborted();
      if (member.fatalError !== undefined) return sentence(member.fatalError);
      if (Date.now() > endMs) {
        const why = member.trouble === undefined ? "" : `: ${sentence(member.trouble)}`;
        return `not a member within ${patienceMs / 1000} s${why}`;
      }
      await Bun.sleep(20);
    }
    return undefined;
  } catch (error) {
    return sentence(error);
  } finally {
    await member.close(2000);
  }
}

interface Resolved<Conf> {
  readonly conf?: Conf | undefined;
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

async function resolved<Conf>({ conf, problems }: Resolved<Conf>): Promise<Conf> {
  if (conf !== undefined) return conf;
  throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
}

function sentence(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}
