// The administration of groups over kafkajs.

import type { Admin as KafkajsAdmin } from "kafkajs";
import { type ClientEnvironment, type GroupAdmin, KafkaError } from "../client.ts";
import type { AdminConf } from "../conf/types.ts";
import { deadlineIn, retryingWithin } from "../retry.ts";
import { createConnector } from "./connect.ts";
import { toKafkaError } from "./kafkajs-error.ts";

export function createGroupAdmin(conf: AdminConf, environment: ClientEnvironment): GroupAdmin {
  const connector = createConnector(conf, environment);
  const { clock } = environment;
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  let connected: KafkajsAdmin | undefined;

  async function connect(): Promise<KafkajsAdmin> {
    if (connected !== undefined) return connected;
    const admin = connector.kafka(await connector.load()).admin();
    await admin.connect();
    connected = admin;
    return admin;
  }

  function ask<Answer>(
    signal: AbortSignal,
    operation: (admin: KafkajsAdmin) => Promise<Answer>,
  ): Promise<Answer> {
    const deadline = deadlineIn(clock, conf.requestTimeoutMs, signal);
    const { brokers } = connector.errorContext;
    const late = () => new KafkaError("REQUEST_TIMED_OUT", `${brokers}: no answer in time`, true);
    return retryingWithin(clock, backoff, deadline, late, async () => {
      try {
        return await operation(await connect());
      } catch (error) {
        throw toKafkaError(groupFailure(error), connector.errorContext);
      }
    });
  }

  return {
    describeGroup: (groupId, signal) =>
      ask(signal, async (admin) => {
        const { groups } = await admin.describeGroups([groupId]);
        const group = groups[0];
        const clientIds = group?.members.map(({ clientId }) => clientId) ?? [];
        return { groupId, state: group?.state ?? "Dead", clientIds };
      }),
    committedOffsets: (groupId, signal) =>
      ask(signal, async (admin) => {
        const topics = await admin.fetchOffsets({ groupId });
        return topics.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => ({
            topic,
            topicPartition: partition,
            offset: Number(offset),
          })),
        );
      }),
    deleteGroup: (groupId, signal) =>
      ask(signal, async (admin) => {
        await admin.deleteGroups([groupId]);
      }),
    alterGroupConfigs: (groupId, configs, signal) =>
      ask(signal, async (admin) => {
        await admin.alterConfigs({
          validateOnly: false,
          resources: [
            {
              type: groupResource,
              name: groupId,
              configEntries: [...configs].map(([name, value]) => ({ name, value })),
            },
          ],
        });
      }),
    async close() {
      const admin = connected;
      connected = undefined;
      await Promise.race([admin?.disconnect(), clock.sleep(1000)]).catch(() => {});
      connector.destroy();
    },
  };
}

/** Kafka's resource type of groups, which kafkajs does not know yet. */
const groupResource = 32 as never;

/** kafkajs wraps what happened to each group that it should delete. */
function groupFailure(error: unknown): unknown {
  const groups = (error as { groups?: readonly { readonly error?: unknown }[] } | null)?.groups;
  return groups?.[0]?.error ?? error;
}
