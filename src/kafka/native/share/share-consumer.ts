// The native share consumer: a member of a share group, and a loop for each broker that leads what
// it may read from: fetch, hand over, acknowledge with the next fetch. One call of `onRecords` at a
// time, over all brokers.

import {
  type ClientEnvironment,
  KafkaError,
  type ShareConsumer,
  type TopicPartition,
} from "../../client.ts";
import type { ConsumerConf } from "../../conf/types.ts";
import { sinkError } from "../../consumer-errors.ts";
import { backoffAfter, deadlineIn } from "../../retry.ts";
import { createCodecs } from "../consumer/codecs.ts";
import { createCoordinator } from "../consumer/group/coordinator.ts";
import { createParcelWalk } from "../consumer/record-cursor.ts";
import { createTopics } from "../consumer/topics.ts";
import { createControl } from "../control.ts";
import { crc32c } from "../crc32c.ts";
import { brokerError, callError } from "../protocol-error.ts";
import { handLentOver } from "./lent-records.ts";
import type { ShareFetchedPart } from "./share-apis.ts";
import { createShareMember, type ShareMember } from "./share-member.ts";
import { createShareSession, type ShareSession } from "./share-session.ts";

/** Errors of a topicPartition after which there is no point in going on. */
const fatalCodes = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "GROUP_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "SASL_AUTHENTICATION_FAILED",
  "SSL_HANDSHAKE_FAILED",
  "UNSUPPORTED_VERSION",
]);

export function createShareConsumer(
  conf: ConsumerConf,
  environment: ClientEnvironment,
): ShareConsumer {
  const { clock } = environment;
  const control = createControl(conf, environment);
  // Fetches wait at the broker, so they have connections of their own.
  const fetching = createControl(conf, environment);
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  const groupId = conf.groupId ?? "";
  const coordinator = createCoordinator(groupId, control, conf, environment);
  const codecs = createCodecs();
  const walk = createParcelWalk({ checkCrcs: conf.checkCrcs, codecs, crc32c });
  const ended = new AbortController();
  const sessions = new Map<number, ShareSession>();
  const loops = new Map<number, Promise<void>>();
  let assignment: ReadonlyMap<string, readonly number[]> = new Map();
  let member: ShareMember | undefined;
  let fatalError: KafkaError | undefined;
  let lastError: KafkaError | undefined;
  let resumed: PromiseWithResolvers<void> | undefined;
  /** The call of `onRecords` before: the next one waits for it. */
  let turn: Promise<unknown> = Promise.resolve();
  let acknowledged = 0;
  let released = 0;

  function onError(error: KafkaError): void {
    if (ended.signal.aborted) return;
    lastError = error;
    consumer.onError(error);
  }

  function onFatal(error: KafkaError): void {
    if (fatalError !== undefined || ended.signal.aborted) return;
    fatalError = error;
    consumer.onError(error);
    consumer.onFatal(error);
  }

  const topics = createTopics(control, conf, environment, { onUpdate: startLoops, onError });

  /** What this broker leads of the assignment. */
  function selectionOf(brokerId: number): Map<string, readonly number[]> {
    const selection = new Map<string, readonly number[]>();
    for (const [topicId, indexes] of assignment) {
      const leaders = topics.byId(topicId)?.leaders;
      const led = indexes.filter((index) => leaders?.[index]?.leaderId === brokerId);
      if (led.length > 0) selection.set(topicId, led);
    }
    return selection;
  }

  function startLoops(): void {
    if ([...assignment.keys()].some((id) => topics.byId(id) === undefined)) topics.refreshSoon();
    for (const brokerId of control.brokers.keys()) {
      if (loops.has(brokerId) || selectionOf(brokerId).size === 0) continue;
      const loop = run(brokerId).finally(() => loops.delete(brokerId));
      loops.set(brokerId, loop);
    }
  }

  const isOver = () => ended.signal.aborted || fatalError !== undefined;

  async function run(brokerId: number): Promise<void> {
    const session = createShareSession({
      brokerId,
      conf,
      groupId,
      memberId: member!.memberId,
      control: { ...fetching, brokers: control.brokers },
      environment,
    });
    sessions.set(brokerId, session);
    for (let failures = 0; !isOver(); ) {
      await resumed?.promise;
      const selection = selectionOf(brokerId);
      if (isOver() || selection.size === 0) break;
      try {
        const parts = await session.fetch(selection);
        failures = 0;
        for (const part of parts) await take(session, part);
      } catch (error) {
        const failure = callError(`broker ${brokerId}`, error);
        if (fatalCodes.has(failure.code)) onFatal(failure);
        else onError(failure);
        topics.refreshSoon();
        failures += 1;
        await clock.sleep(backoffAfter(backoff, failures), ended.signal);
      }
    }
    if (!ended.signal.aborted) await closeSession(brokerId, session, conf.requestTimeoutMs);
  }

  async function closeSession(
    brokerId: number,
    session: ShareSession,
    timeoutMs: number,
  ): Promise<void> {
    sessions.delete(brokerId);
    const closing = session.close(deadlineIn(clock, timeoutMs));
    for (const code of await closing.catch(() => [])) onError(brokerError(code));
  }

  async function take(session: ShareSession, part: ShareFetchedPart): Promise<void> {
    const topic = topics.byId(part.topicId)?.name ?? part.topicId;
    const where = `partition ${part.topicPartition} of topic "${topic}"`;
    for (const code of [part.ackErrorCode, part.errorCode]) {
      if (code === 0) continue;
      const error = brokerError(code);
      const placed = new KafkaError(error.code, `${where}: ${error.message}`, true, error);
      if (fatalCodes.has(error.code)) onFatal(placed);
      else onError(placed);
      topics.refreshSoon();
    }
    if (part.errorCode !== 0 || part.acquired.length === 0) return;
    lastError = undefined;
    const handing = turn.then(() =>
      handLentOver(topic, part, {
        walk,
        codecs,
        receivedUs: clock.nowUs(),
        recordsMax: conf.maxPollRecords,
        onRecords: (records) => (isOver() ? undefined : consumer.onRecords(records)),
      }),
    );
    turn = handing.catch(() => {});
    try {
      const outcome = await handing;
      session.acknowledge(part.topicId, part.topicPartition, outcome.acks);
      acknowledged += outcome.accepted;
      released += outcome.released;
      if (outcome.failure !== undefined) {
        const { code, message } = outcome.failure;
        onFatal(new KafkaError(code, `${where}: ${message}`, false, outcome.failure));
      }
    } catch (error) {
      onFatal(sinkError(error));
    }
  }

  const consumer: ShareConsumer = {
    onRecords: () => {},
    onError: () => {},
    onFatal: () => {},
    async subscribe(names, signal) {
      if (conf.groupId === undefined) throw noGroup();
      const deadline = deadlineIn(clock, conf.defaultApiTimeoutMs, signal);
      topics.want(names);
      await topics.refresh(deadline);
      member = createShareMember({
        conf,
        groupId,
        environment,
        coordinator,
        onAssignment(next) {
          assignment = next;
          startLoops();
        },
        onError,
        onFatal,
      });
      member.start(names);
    },
    pause() {
      resumed ??= Promise.withResolvers<void>();
    },
    resume() {
      resumed?.resolve();
      resumed = undefined;
    },
    assigned() {
      return [...assignment].flatMap(([topicId, indexes]): TopicPartition[] => {
        const topic = topics.byId(topicId)?.name ?? topicId;
        return indexes.map((topicPartition) => ({ topic, topicPartition }));
      });
    },
    get acknowledged() {
      return acknowledged;
    },
    get released() {
      return released;
    },
    get membership() {
      if (member === undefined || member.epoch <= 0) return undefined;
      const { memberId, epoch, rebalances } = member;
      return { groupId, memberId, epoch, rebalances };
    },
    get trouble() {
      const [problem] = topics.problems.values();
      return fatalError ?? problem ?? lastError;
    },
    get fatalError() {
      return fatalError;
    },
    async close(timeoutMs) {
      if (ended.signal.aborted) return;
      const deadline = deadlineIn(clock, timeoutMs);
      const late = new AbortController();
      const timeIsUp = clock.sleep(timeoutMs, late.signal);
      ended.abort();
      consumer.resume();
      await Promise.race([Promise.all(loops.values()), timeIsUp]);
      const closing = [...sessions].map(([id, session]) => closeSession(id, session, timeoutMs));
      await Promise.race([Promise.all(closing), timeIsUp]);
      await Promise.race([member?.close(deadline), timeIsUp]);
      late.abort();
      topics.close();
      coordinator.close();
      fetching.close();
      control.close();
    },
  };
  return consumer;
}

function noGroup(): KafkaError {
  const message = "a share consumer needs a group.id";
  return new KafkaError("INVALID_GROUP_ID", message, false);
}
