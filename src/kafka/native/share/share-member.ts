// A member of a share group: one heartbeat keeps it in and tells what it may read from.

import { type ClientEnvironment, KafkaError } from "../../client.ts";
import type { ConsumerConf } from "../../conf/types.ts";
import { backoffAfter, type Deadline, deadlineIn } from "../../retry.ts";
import { type Coordinator, groupError, isCoordinatorMove } from "../consumer/group/coordinator.ts";
import { shareHeartbeat } from "./share-apis.ts";

const joining = 0;
const leaving = -1;
const lostCodes = new Set(["UNKNOWN_MEMBER_ID", "FENCED_MEMBER_EPOCH"]);

export interface ShareMember {
  readonly memberId: string;
  readonly epoch: number;
  readonly rebalances: number;
  start(topics: readonly string[]): void;
  close(deadline: Deadline): Promise<void>;
}

export interface ShareMemberOptions {
  readonly conf: ConsumerConf;
  readonly groupId: string;
  readonly environment: ClientEnvironment;
  readonly coordinator: Coordinator;
  /** By topic id. */
  onAssignment(assignment: ReadonlyMap<string, readonly number[]>): void;
  onError(error: KafkaError): void;
  onFatal(error: KafkaError): void;
}

export function createShareMember(options: ShareMemberOptions): ShareMember {
  const { conf, groupId, coordinator } = options;
  const { clock } = options.environment;
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  // Kafka's own form of a member id.
  const memberId = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url");
  const ended = new AbortController();
  let epoch = joining;
  let rebalances = 0;

  async function beat(topics: readonly string[], isFull: boolean): Promise<number> {
    const answer = await coordinator.call(
      deadlineIn(clock, conf.requestTimeoutMs),
      shareHeartbeat,
      groupId,
      memberId,
      epoch,
      isFull && conf.clientRack !== "" ? conf.clientRack : null,
      isFull ? topics : null,
    );
    if (answer.errorCode !== 0) throw groupError(groupId, answer.errorCode, answer.errorMessage);
    if (ended.signal.aborted) return 0;
    epoch = answer.memberEpoch;
    if (answer.assignment !== undefined) {
      rebalances += 1;
      options.onAssignment(
        new Map(answer.assignment.map(({ topicId, partitions }) => [topicId, partitions])),
      );
    }
    return answer.heartbeatIntervalMs;
  }

  async function run(topics: readonly string[]): Promise<void> {
    let mustTellAll = true;
    for (let failures = 0; !ended.signal.aborted; ) {
      try {
        const intervalMs = await beat(topics, mustTellAll);
        mustTellAll = false;
        failures = 0;
        await clock.sleep(intervalMs, ended.signal);
      } catch (error) {
        if (ended.signal.aborted) return;
        if (!(error instanceof KafkaError)) throw error;
        mustTellAll = true;
        if (isCoordinatorMove(error)) coordinator.forget();
        if (lostCodes.has(error.code)) {
          epoch = joining;
          options.onAssignment(new Map());
        } else if (!error.retriable && error.code !== "COORDINATOR_LOAD_IN_PROGRESS") {
          options.onFatal(refusal(groupId, error));
          return;
        }
        options.onError(error);
        failures += 1;
        await clock.sleep(backoffAfter(backoff, failures), ended.signal);
      }
    }
  }

  return {
    memberId,
    get epoch() {
      return epoch;
    },
    get rebalances() {
      return rebalances;
    },
    start(topics) {
      void run(topics);
    },
    async close(deadline) {
      ended.abort();
      if (epoch === joining) return;
      const call = coordinator.call(
        deadline,
        shareHeartbeat,
        groupId,
        memberId,
        leaving,
        null,
        null,
      );
      await call.catch(() => {});
    },
  };
}

function refusal(groupId: string, error: KafkaError): KafkaError {
  if (error.code !== "UNSUPPORTED_VERSION") return error;
  const message =
    `group "${groupId}": the brokers have no share groups; Kafka 4.1 with the feature` +
    " share.version=1 is needed";
  return new KafkaError(error.code, message, false, error);
}
