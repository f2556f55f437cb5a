// The share session with one broker: what it reads from there, and what it still has to say of
// records that were lent to it. Epoch 0 opens a session, -1 closes it; each request counts it up.

import { type ClientEnvironment, KafkaError } from "../../client.ts";
import type { ConsumerConf } from "../../conf/types.ts";
import { type Deadline, deadlineIn } from "../../retry.ts";
import { callTolerant } from "../api-calls.ts";
import type { Control } from "../control.ts";
import { brokerError } from "../protocol-error.ts";
import {
  type AckBatch,
  type ForgottenTopic,
  type ShareFetchedPart,
  type ShareTopic,
  shareAcknowledge,
  shareFetch,
} from "./share-apis.ts";

/** By topic id. */
export type ShareSelection = ReadonlyMap<string, readonly number[]>;

export interface ShareSession {
  /** Rejects with KafkaError; the session begins anew then, and what was lent is lent again. */
  fetch(selection: ShareSelection): Promise<readonly ShareFetchedPart[]>;
  /** Says this with the next request. */
  acknowledge(topicId: string, topicPartition: number, acks: readonly AckBatch[]): void;
  close(deadline: Deadline): Promise<readonly number[]>;
}

export interface ShareSessionOptions {
  readonly brokerId: number;
  readonly conf: ConsumerConf;
  readonly groupId: string;
  readonly memberId: string;
  readonly control: Control;
  readonly environment: ClientEnvironment;
}

const closing = -1;
const epochMax = 2 ** 31 - 1;

export function createShareSession(options: ShareSessionOptions): ShareSession {
  const { conf, groupId, memberId, control } = options;
  const { clock } = options.environment;
  let epoch = 0;
  let known: Map<string, Set<number>> = new Map();
  let acks = new Map<string, Map<number, AckBatch[]>>();

  function address() {
    const found = control.brokers.get(options.brokerId);
    if (found !== undefined) return found;
    throw new KafkaError("LEADER_NOT_AVAILABLE", `broker ${options.brokerId} is not known`, true);
  }

  /** What is new or has acknowledgements; when the session begins, everything. */
  function topicsToTell(selection: ShareSelection): ShareTopic[] {
    const ids = new Set([...selection.keys(), ...acks.keys()]);
    return [...ids].flatMap((topicId) => {
      const said = acks.get(topicId);
      const before = known.get(topicId);
      const added = (selection.get(topicId) ?? []).filter((index) => !before?.has(index));
      const indexes = [...new Set([...added, ...(said?.keys() ?? [])])];
      const parts = indexes.map((topicPartition) => ({
        topicPartition,
        acks: said?.get(topicPartition) ?? [],
      }));
      return parts.length === 0 ? [] : [{ topicId, parts }];
    });
  }

  function forgotten(selection: ShareSelection): ForgottenTopic[] {
    return [...known].flatMap(([topicId, indexes]) => {
      const wanted = new Set(selection.get(topicId));
      const topicPartitions = [...indexes].filter((index) => !wanted.has(index));
      return topicPartitions.length === 0 ? [] : [{ topicId, topicPartitions }];
    });
  }

  function begin(): void {
    epoch = 0;
    known = new Map();
    acks = new Map();
  }

  return {
    async fetch(selection) {
      // A session cannot begin with what was said in the last one.
      if (epoch === 0) acks = new Map();
      const ask = {
        groupId,
        memberId,
        sessionEpoch: epoch,
        maxWaitMs: conf.fetchMaxWaitMs,
        minBytes: conf.fetchMinBytes,
        maxBytes: conf.fetchMaxBytes,
        maxRecords: conf.maxPollRecords,
        topics: topicsToTell(selection),
        forgotten: epoch === 0 ? [] : forgotten(selection),
      };
      acks = new Map();
      try {
        const deadline = deadlineIn(clock, conf.requestTimeoutMs + conf.fetchMaxWaitMs);
        const answer = await control.askAt(address(), deadline, (connection) =>
          callTolerant(connection, shareFetch, ask),
        );
        if (answer.errorCode !== 0) throw brokerError(answer.errorCode, answer.errorMessage);
        known = new Map([...selection].map(([id, indexes]) => [id, new Set(indexes)]));
        epoch = epoch === epochMax ? 1 : epoch + 1;
        return answer.parts;
      } catch (error) {
        begin();
        throw error;
      }
    },
    acknowledge(topicId, topicPartition, batches) {
      const topic = acks.get(topicId) ?? new Map<number, AckBatch[]>();
      acks.set(topicId, topic);
      topic.set(topicPartition, [...(topic.get(topicPartition) ?? []), ...batches]);
    },
    async close(deadline) {
      if (epoch === 0) return [];
      const ask = { groupId, memberId, sessionEpoch: closing, topics: topicsToTell(new Map()) };
      begin();
      const answer = await control.askAt(address(), deadline, (connection) =>
        callTolerant(connection, shareAcknowledge, ask),
      );
      return [answer.errorCode, ...answer.partErrorCodes].filter((code) => code !== 0);
    },
  };
}
