// A member by group.protocol=consumer (KIP-848): the broker shares the topicPartitions out, and
// everything goes through one heartbeat. It answers with what this member is to have; the member
// gives up what is not in it, takes up what is new, and tells what it has in the next heartbeat.

import { KafkaError, type TopicPartition } from "../../../client.ts";
import { backoffAfter, deadlineIn } from "../../../retry.ts";
import { wireApi } from "../../wire-api.ts";
import { groupError, isCoordinatorMove } from "./coordinator.ts";
import { createHeart } from "./heart.ts";
import { type Member, type MemberHost, nameOf, without } from "./member.ts";

/** Member epochs that are none: joining, leaving, and leaving as a static member for a while. */
const joining = 0;
const leaving = -1;
const leavingStatic = -2;

/** Errors that mean: the group has gone on without this member. */
const lostCodes = new Set(["UNKNOWN_MEMBER_ID", "FENCED_MEMBER_EPOCH"]);
const passingCodes = new Set(["COORDINATOR_LOAD_IN_PROGRESS", "UNRELEASED_INSTANCE_ID"]);

interface WireTopic {
  readonly topicId: string;
  readonly partitions: number[];
}

export function createBrokerMember(host: MemberHost): Member {
  const { conf, coordinator, topics, groupId } = host;
  const { clock } = host.environment;
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  const heart = createHeart(host);
  let memberId = "";
  let epoch = joining;
  let intervalMs = 0;
  /** The next heartbeat tells everything: it is the first, or the last one may be lost. */
  let mustTellAll = true;
  /** What the next heartbeat has to tell of what is owned. */
  let mustTellOwned = false;
  let target: readonly WireTopic[] | undefined;
  let isReconciling = false;
  let rebalances = 0;
  let running: Promise<void> | undefined;

  const within = (ms: number) => deadlineIn(clock, ms);

  async function run(): Promise<void> {
    for (let failures = 0; !heart.isStopped; ) {
      try {
        const overdue = heart.overdue();
        if (overdue !== undefined) await leaveUntilDone(overdue);
        await beat();
        failures = 0;
        if (!mustTellOwned) await heart.rest(intervalMs);
      } catch (error) {
        if (heart.isStopped) return;
        if (!(error instanceof KafkaError)) throw error;
        if (!recover(error)) return;
        failures += 1;
        if (!lostCodes.has(error.code)) await clock.sleep(backoffAfter(backoff, failures));
      }
    }
  }

  /** What a failure changes before the next heartbeat; false: there is none. */
  function recover(error: KafkaError): boolean {
    mustTellAll = true;
    if (lostCodes.has(error.code)) {
      host.onError(error);
      forgetMembership();
      return true;
    }
    if (isCoordinatorMove(error)) coordinator.forget();
    else if (!error.retriable && !passingCodes.has(error.code)) {
      host.onFatal(error);
      return false;
    }
    host.onError(error);
    return true;
  }

  function forgetMembership(): void {
    epoch = joining;
    target = undefined;
    mustTellAll = true;
    mustTellOwned = false;
    host.drop(host.assigned(), "lost");
  }

  async function beat(): Promise<void> {
    const isFull = mustTellAll || epoch === joining;
    const owned = epoch === joining ? [] : isFull || mustTellOwned ? ownedOnWire() : null;
    mustTellOwned = false;
    const answer = await coordinator.call(
      within(conf.requestTimeoutMs),
      wireApi.groupHeartbeat,
      groupId,
      memberId,
      epoch,
      conf.groupInstanceId ?? null,
      isFull && conf.clientRack !== "" ? conf.clientRack : null,
      isFull ? conf.maxPollIntervalMs : -1,
      isFull ? [...host.subscription] : null,
      null,
      isFull ? (conf.remoteAssignor ?? null) : null,
      owned,
    );
    if (heart.isStopped) return;
    if (answer.errorCode !== 0) throw refusal(groupId, answer.errorCode, answer.errorMessage);
    mustTellAll = false;
    memberId = answer.memberId ?? memberId;
    epoch = answer.memberEpoch;
    intervalMs = answer.heartbeatIntervalMs;
    if (answer.assignment === null) return;
    target = answer.assignment.topicPartitions;
    await reconcile();
  }

  function ownedOnWire(): WireTopic[] {
    const byTopic = Map.groupBy(host.assigned(), ({ topic }) => topic);
    return [...byTopic].flatMap(([name, group]) => {
      const topicId = topics.known.get(name)?.id;
      if (topicId === undefined) return [];
      return [{ topicId, partitions: group.map(({ topicPartition }) => topicPartition) }];
    });
  }

  /** The target with names; topics that are not known yet come later. */
  async function resolveTarget(): Promise<TopicPartition[]> {
    const wanted = target ?? [];
    if (wanted.some(({ topicId }) => topics.byId(topicId) === undefined)) {
      await topics.refresh(within(conf.requestTimeoutMs));
      if (wanted.some(({ topicId }) => topics.byId(topicId) === undefined)) topics.refreshSoon();
    }
    return wanted.flatMap(({ topicId, partitions }) => {
      const topic = topics.byId(topicId)?.name;
      if (topic === undefined) return [];
      return partitions.map((topicPartition) => ({ topic, topicPartition }));
    });
  }

  async function reconcile(): Promise<void> {
    if (isReconciling || target === undefined) return;
    isReconciling = true;
    const joinedEpoch = target;
    try {
      const resolved = await resolveTarget();
      const revoked = without(host.assigned(), resolved);
      const added = without(resolved, host.assigned());
      if (revoked.length === 0 && added.length === 0 && rebalances > 0) return;
      if (revoked.length > 0) {
        const held = host.hold();
        // Records are worked on: the heartbeats must go on meanwhile.
        if (host.busySinceUs() !== undefined) {
          void held.then(() => giveUp(revoked)).finally(resumed);
          return;
        }
        await held;
        await giveUp(revoked);
        host.release();
      }
      if (target !== joinedEpoch) return;
      rebalances += 1;
      host.take(resolved);
      mustTellOwned = true;
    } finally {
      isReconciling = false;
    }
  }

  /** What was being revoked while records were worked on is given up now. */
  function resumed(): void {
    host.release();
    mustTellOwned = true;
    reconcile()
      .catch((error: unknown) => {
        if (error instanceof KafkaError) host.onError(error);
      })
      .finally(heart.wake);
  }

  async function giveUp(topicPartitions: readonly TopicPartition[]): Promise<void> {
    const names = new Set(host.assigned().map(nameOf));
    const owned = topicPartitions.filter((each) => names.has(nameOf(each)));
    await host.commitBefore(owned);
    host.drop(owned, "revoked");
  }

  /** The group goes on without a member whose records take too long; it comes back after them. */
  async function leaveUntilDone(reason: KafkaError): Promise<void> {
    host.onError(reason);
    await leave(conf.requestTimeoutMs).catch(() => {});
    forgetMembership();
    await host.hold();
    host.release();
  }

  async function leave(timeoutMs: number): Promise<void> {
    if (memberId === "" || epoch === joining) return;
    const { groupInstanceId } = conf;
    const epochOfLeaving = groupInstanceId === undefined ? leaving : leavingStatic;
    await coordinator.call(
      within(timeoutMs),
      wireApi.groupHeartbeat,
      groupId,
      memberId,
      epochOfLeaving,
      groupInstanceId ?? null,
      null,
      -1,
      null,
      null,
      null,
      null,
    );
  }

  return {
    start() {
      running = run();
    },
    get identity() {
      return epoch > joining ? { memberId, epoch } : undefined;
    },
    get rebalances() {
      return rebalances;
    },
    onTopics() {
      if (target === undefined || isReconciling) return;
      const isComplete = target.every(({ topicId, partitions }) => {
        const name = topics.byId(topicId)?.name;
        const owned = host.assigned().filter(({ topic }) => topic === name);
        return owned.length === partitions.length;
      });
      if (isComplete) return;
      reconcile()
        .catch((error: unknown) => {
          if (error instanceof KafkaError) host.onError(error);
        })
        .finally(heart.wake);
    },
    doubt: heart.wake,
    async close(deadline) {
      heart.stop();
      const leftMs = Math.max(0, (deadline.untilUs - clock.nowUs()) / 1000);
      await leave(leftMs).catch(() => {});
      coordinator.forget();
      await Promise.race([running, clock.sleep(leftMs)]);
    },
  };
}

function refusal(groupId: string, errorCode: number, detail: string | null | undefined) {
  const error = groupError(groupId, errorCode, detail);
  if (error.code !== "UNSUPPORTED_VERSION") return error;
  const message =
    `group "${groupId}": the brokers do not have group.protocol=consumer turned on` +
    " (group.coordinator.rebalance.protocols); use group.protocol=classic";
  return new KafkaError(error.code, message, false, error);
}
