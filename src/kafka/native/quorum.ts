// The quorum of a cluster's metadata: its leader is the active controller, its voters are all
// controllers.

import { callTolerant } from "./api-calls.ts";
import type { BrokerConnection } from "./broker-connection.ts";
import { brokerError } from "./protocol-error.ts";
import { wireApi } from "./wire-api.ts";

export type QuorumAnswer = Awaited<ReturnType<(typeof wireApi.describeQuorum)["async"]>>;

const topic = { topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] };

export async function describeQuorum(connection: BrokerConnection): Promise<QuorumAnswer> {
  return await callTolerant(connection, wireApi.describeQuorum, [topic]);
}

/** Undefined when the answer has none; throws the answer's error. */
export function quorumIn({ errorCode, topics }: QuorumAnswer) {
  const found = topics[0]?.partitions[0];
  const code = errorCode !== 0 ? errorCode : (found?.errorCode ?? 0);
  if (code !== 0) throw brokerError(code);
  return found;
}
