// Removes the topics and groups of a run from a cluster, by the prefix of their names.

import type { Admin } from "kafkajs";
import { resolveAdminConf } from "../../src/kafka/conf/resolve-admin-conf.ts";
import { createConnector } from "../../src/kafka/kafkajs/connect.ts";
import { realClock } from "../../src/platform/clock/real-clock.ts";
import { silentLog } from "../../src/platform/log/log.ts";
import type { BrokerUnderTest } from "../../test/support/broker-under-test.ts";

const batchSize = 20;

/** What could not be removed, in words. */
export async function removeLeftovers({
  conf,
  namePrefix,
}: Pick<BrokerUnderTest, "conf" | "namePrefix">): Promise<string[]> {
  const { conf: adminConf } = await resolveAdminConf([conf], { paths: ["client-config"] });
  if (adminConf === undefined) return [];
  const connector = createConnector(adminConf, { clock: realClock, log: silentLog });
  const retry = { initialRetryTime: 200, retries: 8 };
  const admin = connector.kafka(await connector.load(), retry).admin();
  const problems: string[] = [];
  const attempt = async (what: string, action: () => Promise<void>) => {
    await action().catch((error: unknown) => problems.push(`${what}: ${(error as Error).message}`));
  };
  await admin.connect();
  await attempt("groups", () => removeGroups(admin, namePrefix));
  await attempt("topics", () => removeTopics(admin, namePrefix));
  await admin.disconnect();
  return problems;
}

async function removeGroups(admin: Admin, namePrefix: string): Promise<void> {
  const { groups } = await admin.listGroups();
  const ours = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(namePrefix));
  for (const batch of batches(ours)) await admin.deleteGroups(batch).catch(unlessMember);
}

/** Static members stay when they are closed; their groups go when their sessions are over. */
function unlessMember(error: unknown): void {
  const { groups = [] } = error as { groups?: { groupId: string; error?: { type?: string } }[] };
  const failed = groups.filter(({ error: cause }) => cause?.type !== "NON_EMPTY_GROUP");
  if (groups.length === 0) throw error;
  if (failed.length === 0) return;
  throw new Error(failed.map((each) => `${each.groupId} (${each.error?.type})`).join(", "));
}

async function removeTopics(admin: Admin, namePrefix: string): Promise<void> {
  const ours = (await admin.listTopics()).filter((topic) => topic.startsWith(namePrefix));
  for (const topics of batches(ours)) await admin.deleteTopics({ topics });
}

function batches(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / batchSize);
  return Array.from({ length: count }, (_, at) =>
    names.slice(at * batchSize, (at + 1) * batchSize),
  );
}
