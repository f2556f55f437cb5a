// The administration of groups: their state and members, what they have committed, their end.

import { type ClientEnvironment, type GroupAdmin, KafkaError } from "../../client.ts";
import type { AdminConf } from "../../conf/types.ts";
import { type Deadline, deadlineIn, retrying } from "../../retry.ts";
import { callTolerant } from "../api-calls.ts";
import type { BrokerConnection } from "../broker-connection.ts";
import { createControl } from "../control.ts";
import { wireApi } from "../wire-api.ts";
import { groupError } from "./group/coordinator.ts";

/** FindCoordinator's key type for groups. */
const groupKey = 0;

export function createGroupAdmin(conf: AdminConf, environment: ClientEnvironment): GroupAdmin {
  const control = createControl(conf, environment);
  const { clock } = environment;
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };

  /** Asks the group's coordinator; retriable errors are tried again until the deadline. */
  function ask<Answer>(
    groupId: string,
    signal: AbortSignal,
    operation: (connection: BrokerConnection) => Promise<Answer>,
  ): Promise<Answer> {
    const deadline: Deadline = deadlineIn(clock, conf.requestTimeoutMs, signal);
    return retrying(clock, backoff, deadline, async () => {
      const answer = await control.askAny(deadline, (connection) =>
        callTolerant(connection, wireApi.findCoordinator, groupKey, [groupId]),
      );
      const found = answer.coordinators[0];
      if (found === undefined) throw groupError(groupId, 15);
      if (found.errorCode !== 0) throw groupError(groupId, found.errorCode, found.errorMessage);
      return await control.askAt(found, deadline, operation);
    });
  }

  return {
    describeGroup: (groupId, signal) =>
      ask(groupId, signal, async (connection) => {
        const answer = await callTolerant(connection, wireApi.describeGroups, [groupId], false);
        const group = answer.groups[0];
        if (group === undefined) throw groupError(groupId, notFound);
        const isUnknown = group.errorCode === notFound || group.groupState === "Dead";
        if (isUnknown) return await describeNew(connection, groupId);
        if (group.errorCode !== 0) throw groupError(groupId, group.errorCode);
        const clientIds = group.members.map(({ clientId }) => clientId);
        return { groupId, state: group.groupState, clientIds };
      }),
    committedOffsets: (groupId, signal) =>
      ask(groupId, signal, async (connection) => {
        const request = [{ groupId, memberEpoch: -1, topics: null }];
        const answer = await callTolerant(connection, wireApi.offsetFetchClassic, request, true);
        const group = answer.groups[0];
        if (group !== undefined && group.errorCode !== 0) {
          throw groupError(groupId, group.errorCode);
        }
        return (group?.topics ?? []).flatMap(({ name, partitions }) =>
          partitions.map(({ partitionIndex, committedOffset }) => ({
            topic: name,
            topicPartition: partitionIndex,
            offset: Number(committedOffset),
          })),
        );
      }),
    deleteGroup: (groupId, signal) =>
      ask(groupId, signal, async (connection) => {
        const answer = await callTolerant(connection, wireApi.deleteGroups, [groupId]);
        const result = answer.results[0];
        if (result !== undefined && result.errorCode !== 0) {
          throw groupError(groupId, result.errorCode);
        }
      }),
    alterGroupConfigs: (groupId, configs, signal) =>
      ask(groupId, signal, async (connection) => {
        const changes = [...configs].map(([name, value]) => ({
          name,
          configOperation: setOperation,
          value,
        }));
        const resource = { resourceType: groupResource, resourceName: groupId, configs: changes };
        const answer = await callTolerant(connection, wireApi.alterConfigs, [resource], false);
        const result = answer.responses[0];
        if (result !== undefined && result.errorCode !== 0) {
          throw groupError(groupId, result.errorCode, result.errorMessage);
        }
      }),
    async close() {
      control.close();
    },
  };
}

const notFound = 69;
/** Kafka's resource type of groups, which the protocol library does not name. */
const groupResource = 32 as never;
const setOperation = 0 as const;

/** Groups of group.protocol=consumer are described by an API of their own. */
async function describeNew(connection: BrokerConnection, groupId: string) {
  const unknown = { groupId, state: "Dead", clientIds: [] };
  try {
    const request = [groupId];
    const answer = await callTolerant(connection, wireApi.describeNewGroups, request, false);
    const group = answer.groups[0];
    if (group === undefined || group.errorCode === notFound) return unknown;
    if (group.errorCode !== 0) throw groupError(groupId, group.errorCode, group.errorMessage);
    const clientIds = group.members.map(({ clientId }) => clientId);
    return { groupId, state: group.groupState, clientIds };
  } catch (error) {
    if (error instanceof KafkaError && error.code === "UNSUPPORTED_VERSION") return unknown;
    throw error;
  }
}
