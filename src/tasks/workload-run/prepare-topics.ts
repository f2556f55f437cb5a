// Creates the topics of a workload and checks those that exist, with the reference's statuses.

import type { KafkaClients } from "../../kafka/client.ts";
import type { AdminConf } from "../../kafka/conf/types.ts";
import { createTopics } from "../../kafka/create-topics.ts";
import type { ResolvedTopic } from "../../spec/topics.ts";
import type { WorkerContext } from "../define-task.ts";

/** Answers the last thing that went wrong and was tried again. */
export async function prepareTopics(
  topics: readonly ResolvedTopic[],
  conf: AdminConf,
  clients: KafkaClients,
  context: WorkerContext,
): Promise<string | undefined> {
  const { clock, log, signal } = context;
  let trouble: string | undefined;
  context.report(`Creating ${topics.length} topic(s)`);
  const admin = clients.admin(conf, { clock, log });
  try {
    await createTopics(topics, {
      admin,
      clock,
      log,
      signal,
      requestTimeoutMs: conf.requestTimeoutMs,
      onTrouble(error) {
        trouble = error.message;
      },
    });
  } finally {
    await admin.close();
  }
  if (!signal.aborted) context.report(`Created ${topics.length} topic(s)`);
  return trouble;
}
