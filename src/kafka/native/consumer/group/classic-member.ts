// A member by the classic protocol: the members join, one of them (the leader) shares the
// topicPartitions out, and heartbeats keep the membership up.
//
//   join -> sync -> heartbeat ... heartbeat -> (a rebalance, or new partitions) -> join ...
//
// With eager assignors everything is given up before the join; with the cooperative one only what
// has to move, after the sync, and then the member joins once more.

import { KafkaError, type TopicPartition } from "../../../client.ts";
import { backoffAfter, deadlineIn } from "../../../retry.ts";
import { wireApi } from "../../wire-api.ts";
import { assignors, isCooperative } from "./assignors.ts";
import { groupError, isCoordinatorMove } from "./coordinator.ts";
import { createHeart } from "./heart.ts";
import { type Member, type MemberHost, without } from "./member.ts";
import {
  decodeAssignment,
  decodeStickySubscription,
  decodeSubscription,
  encodeAssignment,
  encodeStickySubscription,
  encodeSubscription,
  type Subscription,
} from "./subscription-codec.ts";

const protocolType = "consumer";
const joinMarginMs = 5000;

/** Errors after which this member cannot be one at all. */
const fatalCodes = new Set([
  "GROUP_AUTHORIZATION_FAILED",
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "FENCED_INSTANCE_ID",
  "INCONSISTENT_GROUP_PROTOCOL",
  "INVALID_SESSION_TIMEOUT",
  "INVALID_GROUP_ID",
  "GROUP_MAX_SIZE_REACHED",
  "UNSUPPORTED_VERSION",
  "SASL_AUTHENTICATION_FAILED",
  "SSL_HANDSHAKE_FAILED",
]);
/** Errors that mean: the group has gone on without this member. */
const lostCodes = new Set(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION"]);

interface Joined {
  readonly memberId: string;
  readonly generationId: number;
  readonly protocolName?: string | null | undefined;
  readonly leader: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId?: string | null | undefined;
    readonly metadata: Buffer;
  }[];
}

export function createClassicMember(host: MemberHost): Member {
  const { conf, coordinator, topics, groupId } = host;
  const { clock } = host.environment;
  const instanceId = conf.groupInstanceId ?? null;
  const cooperates = isCooperative(conf.assignors);
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  const heart = createHeart(host);
  let memberId = "";
  let generation = -1;
  /** The generation that gave what is owned. */
  let ownedGeneration = -1;
  /** What the last assignment gave, for an assignor that asks for it when it was given up. */
  let previous: Pick<Subscription, "owned" | "generation"> = { owned: [], generation: -1 };
  let isJoined = false;
  let mustRejoin = false;
  let rebalances = 0;
  /** What the leader shared out, to see when that is outdated; undefined for others. */
  let snapshot: string | undefined;
  let running: Promise<void> | undefined;

  const within = (ms: number) => deadlineIn(clock, ms);

  async function run(): Promise<void> {
    for (let failures = 0; !heart.isStopped; ) {
      try {
        await join();
        failures = 0;
        await beatUntilRejoin();
      } catch (error) {
        if (heart.isStopped) return;
        if (!(error instanceof KafkaError)) throw error;
        isJoined = false;
        if (fatalCodes.has(error.code)) {
          host.onFatal(error);
          return;
        }
        recover(error);
        failures += 1;
        if (!quickCodes.has(error.code)) await clock.sleep(backoffAfter(backoff, failures));
      }
    }
  }

  /** What a failure changes before the next join. */
  function recover(error: KafkaError): void {
    host.onError(error);
    if (isCoordinatorMove(error)) coordinator.forget();
    if (!lostCodes.has(error.code)) return;
    if (error.code === "UNKNOWN_MEMBER_ID") memberId = "";
    generation = -1;
    ownedGeneration = -1;
    host.drop(host.assigned(), "lost");
  }

  async function join(): Promise<void> {
    mustRejoin = false;
    if (!cooperates) await giveUp(host.assigned());
    isJoined = false;
    await topics.refresh(within(conf.requestTimeoutMs));
    const joined = await sendJoin();
    if (heart.isStopped) return;
    memberId = joined.memberId;
    generation = joined.generationId;
    const shares = joined.leader === memberId ? await shareOut(joined) : [];
    if (joined.leader !== memberId) snapshot = undefined;
    const answer = await coordinator.call(
      within(joinTimeoutMs()),
      wireApi.syncGroup,
      groupId,
      generation,
      memberId,
      instanceId,
      protocolType,
      joined.protocolName ?? null,
      shares,
    );
    if (answer.errorCode !== 0) throw groupError(groupId, answer.errorCode);
    if (heart.isStopped) return;
    isJoined = true;
    ownedGeneration = generation;
    await adopt(decodeAssignment(answer.assignment));
  }

  const joinTimeoutMs = () =>
    Math.max(conf.requestTimeoutMs, conf.maxPollIntervalMs + joinMarginMs);

  async function sendJoin(): Promise<Joined> {
    const topicNames = host.subscription;
    const owned = { owned: host.assigned(), generation: ownedGeneration };
    const metadata = encodeSubscription({ topics: topicNames, ...owned });
    const sticky = encodeStickySubscription({ topics: topicNames, ...previous });
    const protocols = conf.assignors.map((name) => ({
      name,
      metadata: name === "sticky" ? sticky : metadata,
    }));
    for (;;) {
      const answer = await coordinator.call(
        within(joinTimeoutMs()),
        wireApi.joinGroup,
        groupId,
        conf.sessionTimeoutMs,
        conf.maxPollIntervalMs,
        memberId,
        instanceId,
        protocolType,
        protocols,
      );
      if (answer.errorCode === 0) return answer;
      const error = groupError(groupId, answer.errorCode);
      if (error.code !== "MEMBER_ID_REQUIRED" || memberId !== "") throw error;
      memberId = answer.memberId;
    }
  }

  async function shareOut(joined: Joined) {
    const isSticky = joined.protocolName === "sticky";
    const decode = isSticky ? decodeStickySubscription : decodeSubscription;
    const members = joined.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.groupInstanceId ?? undefined,
      ...decode(member.metadata),
    }));
    const names = [...new Set(members.flatMap((member) => member.topics))];
    if (names.some((name) => !topics.wanted.has(name))) {
      topics.want([...new Set([...topics.wanted, ...names])]);
      await topics.refresh(within(conf.requestTimeoutMs));
    }
    const counts = new Map<string, number>();
    for (const name of names) {
      const known = topics.known.get(name);
      if (known !== undefined) counts.set(name, known.leaders.length);
    }
    snapshot = snapshotOf(names);
    const name = conf.assignors.find((each) => each === joined.protocolName);
    if (name === undefined) throw foreignProtocol(groupId, joined.protocolName);
    const assign = assignors[name];
    return [...assign(members, counts)].map(([id, share]) => ({
      memberId: id,
      assignment: encodeAssignment(share),
    }));
  }

  function snapshotOf(names: readonly string[]): string {
    const counts = names.map((name) => [name, topics.known.get(name)?.leaders.length ?? 0]);
    return JSON.stringify(counts.sort());
  }

  /** Takes an assignment up, and gives up what is not in it. */
  async function adopt(assigned: readonly TopicPartition[]): Promise<void> {
    const revoked = without(host.assigned(), assigned);
    if (revoked.length > 0) {
      await giveUp(revoked);
      // Others wait for what this member has given up.
      if (cooperates) mustRejoin = true;
    }
    rebalances += 1;
    previous = { owned: assigned, generation };
    host.take(assigned);
  }

  /** Gives topicPartitions up when no records are worked on; heartbeats go on meanwhile. */
  async function giveUp(topicPartitions: readonly TopicPartition[]): Promise<void> {
    if (topicPartitions.length === 0) return;
    const held = host.hold();
    try {
      await beatWhile(held);
      await host.commitBefore(topicPartitions);
      host.drop(topicPartitions, "revoked");
    } finally {
      host.release();
    }
  }

  async function beatWhile(work: Promise<void>): Promise<void> {
    let isDone = false;
    const done = work.then(() => {
      isDone = true;
      heart.wake();
    });
    // Most often there is nothing to wait for.
    await Promise.race([done, clock.sleep(0)]);
    while (!isDone && !heart.isStopped) {
      await heart.rest(conf.heartbeatIntervalMs);
      if (!isDone && isJoined) await beat();
    }
  }

  async function beatUntilRejoin(): Promise<void> {
    while (!heart.isStopped && !mustRejoin) {
      await heart.rest(conf.heartbeatIntervalMs);
      if (!heart.isStopped && !mustRejoin) await beat();
    }
  }

  async function beat(): Promise<void> {
    const overdue = heart.overdue();
    if (overdue !== undefined) {
      await leaveUntilDone(overdue);
      return;
    }
    const call = coordinator.call(
      within(Math.min(conf.requestTimeoutMs, conf.sessionTimeoutMs)),
      wireApi.heartbeat,
      groupId,
      generation,
      memberId,
      instanceId,
    );
    const answer = await call.catch((error: unknown) => {
      // The membership lasts for the session; the next heartbeat may get through.
      if (!(error instanceof KafkaError) || !error.retriable) throw error;
      host.onError(error);
      return undefined;
    });
    if (answer === undefined || answer.errorCode === 0) return;
    const error = groupError(groupId, answer.errorCode);
    if (error.code === "REBALANCE_IN_PROGRESS") mustRejoin = true;
    else if (isCoordinatorMove(error) || error.code === "COORDINATOR_LOAD_IN_PROGRESS") {
      coordinator.forget();
      host.onError(error);
    } else throw error;
  }

  /** The group goes on without a member whose records take too long; it comes back after them. */
  async function leaveUntilDone(reason: KafkaError): Promise<void> {
    host.onError(reason);
    isJoined = false;
    await leave(conf.requestTimeoutMs).catch(() => {});
    memberId = "";
    generation = -1;
    ownedGeneration = -1;
    host.drop(host.assigned(), "lost");
    await host.hold();
    host.release();
    mustRejoin = true;
  }

  async function leave(timeoutMs: number): Promise<void> {
    if (memberId === "") return;
    const members = [{ memberId, groupInstanceId: instanceId }];
    await coordinator.call(within(timeoutMs), wireApi.leaveGroup, groupId, members);
  }

  return {
    start() {
      running = run();
    },
    get identity() {
      return isJoined ? { memberId, epoch: generation } : undefined;
    },
    get rebalances() {
      return rebalances;
    },
    onTopics() {
      if (!isJoined || snapshot === undefined) return;
      const names = (JSON.parse(snapshot) as [string, number][]).map(([name]) => name);
      if (snapshotOf(names) === snapshot) return;
      mustRejoin = true;
      heart.wake();
    },
    doubt: heart.wake,
    async close(deadline) {
      heart.stop();
      // A join holds its connection up for as long as the others take.
      if (!isJoined) coordinator.forget();
      isJoined = false;
      const leftMs = Math.max(0, (deadline.untilUs - clock.nowUs()) / 1000);
      if (conf.groupInstanceId === undefined) await leave(leftMs).catch(() => {});
      coordinator.forget();
      await Promise.race([running, clock.sleep(leftMs)]);
    },
  };
}

/** After these the next join need not wait. */
const quickCodes = new Set(["REBALANCE_IN_PROGRESS", "UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION"]);

function foreignProtocol(groupId: string, name: string | null | undefined): KafkaError {
  const message = `group "${groupId}": the coordinator chose "${name}", which nobody offered`;
  return new KafkaError("INCONSISTENT_GROUP_PROTOCOL", message, false);
}
