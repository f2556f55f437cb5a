// Sends what waits in the partition queues: groups batches by leader into requests, keeps
// max.in.flight.requests.per.connection, and turns each answer into an outcome, a retry or a
// failure. The order and exactly-once rules themselves are in partition-queue.ts.

import type { ClientEnvironment, KafkaError, SendOutcome } from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import { backoffAfter } from "../retry.ts";
import type { BatchPool } from "./batch-pool.ts";
import type { BrokerConnection } from "./broker-connection.ts";
import { type BrokerLink, createBrokerLink } from "./broker-link.ts";
import type { Control } from "./control.ts";
import { epochsUsedUp, expiredError } from "./delivery-errors.ts";
import { FrameError } from "./frame-reader.ts";
import type { Leaders } from "./leaders.ts";
import {
  canSend,
  gaveUp,
  keepForRetry,
  landed,
  type PartitionQueue,
  recover,
  type Sealing,
  sealOpenBatch,
  splitForRetry,
  takeForSending,
} from "./partition-queue.ts";
import {
  type ProduceBatch,
  type ProduceHeader,
  type ProduceTopic,
  produceRequestSize,
  writeProduceRequest,
} from "./produce-request.ts";
import { type ProduceAnswer, readProduceResponse } from "./produce-response.ts";
import { brokerError, networkError } from "./protocol-error.ts";
import { batchHeaderBytes, nothing, type RecordBatch, setWire } from "./record-batch.ts";
import { createRequestBuffers } from "./request-buffers.ts";
import type { Session } from "./session.ts";

export interface SenderOptions {
  readonly conf: ProducerConf;
  readonly environment: ClientEnvironment;
  readonly control: Control;
  readonly leaders: Leaders;
  readonly pool: BatchPool;
  readonly sealing: Sealing;
  onOutcome(outcome: SendOutcome): void;
  /** A batch of the transaction was lost: only aborting helps. */
  onTransactionFailure(error: KafkaError): void;
  /** No send can succeed any more. */
  onFatal(error: KafkaError): void;
  /** True when the topicPartition may be written to in the present transaction (or without one). */
  mayWrite(queue: PartitionQueue): boolean;
  /** After batches were settled or went out: there may be room for more. */
  onRoom(): void;
}

export interface Sender {
  /** Something waits in the queue: sends it at the end of the present turn. */
  look(queue: PartitionQueue): void;
  lookAtAll(): void;
  /** Fails everything that is not in flight, with this error. */
  failUnsent(error: KafkaError): void;
  /** Closes the connections; what is in flight fails with the reason, for good. */
  abandon(reason: KafkaError): void;
}

/** A batch in flight, and where its bytes stand in the request, in case that it must go again. */
interface Sent extends ProduceBatch {
  readonly queue: PartitionQueue;
  readonly batch: RecordBatch;
  wireAt: number;
  request: Uint8Array;
}

const expiryCheckMs = 100;
const duplicateSequence = 46;
/** The protocol has 15 bits for it. */
const epochMax = 0x7fff;

const fatalCodes = new Set([
  "PRODUCER_FENCED",
  "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_SASL_MECHANISM",
  "SSL_HANDSHAKE_FAILED",
]);
/** The broker's picture of this producer's order is not ours (any more). */
const orderCodes = new Set([
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
  "UNKNOWN_PRODUCER_ID",
  "INVALID_PRODUCER_EPOCH",
]);
const staleLeaderCodes = new Set([
  "NOT_LEADER_OR_FOLLOWER",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "KAFKA_STORAGE_ERROR",
  "NETWORK_EXCEPTION",
]);

export function createSender(options: SenderOptions): Sender {
  const { conf, control, leaders, pool, sealing } = options;
  const { clock } = options.environment;
  const links = new Map<number, BrokerLink>();
  const buffers = createRequestBuffers();
  const deliveryUs = conf.deliveryTimeoutMs * 1000;
  const retryBackoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  const encoder = new TextEncoder();
  const clientIdBytes = encoder.encode(conf.clientId);
  const transactionalIdBytes =
    conf.transactionalId === undefined ? undefined : encoder.encode(conf.transactionalId);
  let abandonedBy: KafkaError | undefined;
  let expiryTimer: ReturnType<typeof setTimeout> | undefined;
  const pumps = new Set<BrokerLink>();
  const pauses = new Set<ReturnType<typeof setTimeout>>();

  function linkTo(brokerId: number): BrokerLink {
    let link = links.get(brokerId);
    if (link === undefined) {
      const created = createBrokerLink(brokerId, conf, options.environment, {
        address: () => control.brokers.get(brokerId),
        open: (address) => control.open(address),
        onChange: () => pumpSoon(created),
        onFailure(error) {
          leaders.refreshSoon();
          if (fatalCodes.has(error.code)) options.onFatal(error);
        },
      });
      link = created;
      links.set(brokerId, link);
    }
    return link;
  }

  function look(queue: PartitionQueue): void {
    if (queue.isListed || queue.waiting.length === 0) return;
    expiryTimer ??= setTimeout(expire, expiryCheckMs);
    if (queue.leaderId < 0) {
      leaders.refreshSoon();
      return;
    }
    const link = linkTo(queue.leaderId);
    queue.isListed = true;
    link.listed.push(queue);
    pumpSoon(link);
  }

  function later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      pauses.delete(timer);
      work();
    }, ms);
    pauses.add(timer);
  }

  /** At the end of the turn, so that everything which became ready in it shares a request. */
  function pumpSoon(link: BrokerLink): void {
    if (pumps.size === 0) {
      queueMicrotask(() => {
        const due = [...pumps];
        pumps.clear();
        for (const each of due) pump(each);
        options.onRoom();
      });
    }
    pumps.add(link);
  }

  function pump(link: BrokerLink): void {
    if (link.listed.length === 0 || link.inFlight >= link.window.limit) return;
    const session = link.session();
    if (session === undefined) return;
    const nowUs = clock.nowUs();
    if (link.mutedUntilUs > nowUs) return;
    while (link.inFlight < link.window.limit) {
      const sent = collect(link, nowUs);
      if (sent.length === 0) return;
      sendRequest(link, session, sent);
    }
  }

  /** At most one batch a topicPartition, at most max.request.size in all (but at least one). */
  function collect(link: BrokerLink, nowUs: number): Sent[] {
    const sent: Sent[] = [];
    const again: PartitionQueue[] = [];
    const rest: PartitionQueue[] = [];
    let bytes = 0;
    let index = 0;
    for (; index < link.listed.length; index++) {
      const queue = link.listed[index]!;
      if (queue.leaderId !== link.brokerId || !canSend(queue, nowUs) || !options.mayWrite(queue)) {
        queue.isListed = false;
        if (queue.leaderId !== link.brokerId && queue.inFlight.length === 0) look(queue);
        continue;
      }
      const size = queue.waiting[0]!.wireBytes + batchHeaderBytes;
      if (bytes > 0 && bytes + size > conf.maxRequestSizeBytes) break;
      bytes += size;
      const batch = takeForSending(queue, sealing, nowUs);
      const { topicPartition } = queue;
      sent.push({ queue, batch, topicPartition, wireAt: 0, request: nothing });
      // A batch that was left open because others stood before it has had its linger.ms by now.
      if (queue.waiting.length === 0 && lingered(queue, nowUs)) sealOpenBatch(queue, sealing);
      if (queue.waiting.length > 0) again.push(queue);
      else queue.isListed = false;
    }
    for (; index < link.listed.length; index++) rest.push(link.listed[index]!);
    link.listed = again.length === 0 ? rest : rest.concat(again);
    return sent;
  }

  function lingered(queue: PartitionQueue, nowUs: number): boolean {
    return queue.open !== undefined && nowUs - queue.open.createdUs >= conf.lingerMs * 1000;
  }

  function sendRequest(link: BrokerLink, session: Session, sent: readonly Sent[]): void {
    const header: ProduceHeader = {
      version: session.produceVersion,
      clientIdBytes,
      transactionalIdBytes,
      acks: conf.acks,
      timeoutMs: conf.requestTimeoutMs,
    };
    const topics = groupByTopic(sent);
    const { connection } = session;
    const correlationId = connection.nextCorrelationId();
    const memory = buffers.take(produceRequestSize(header, topics));
    const size = writeProduceRequest(memory, header, correlationId, topics);
    const frame = memory.bytes.subarray(0, size);
    for (const each of sent) {
      pool.lendBack(each.batch);
      each.request = memory.bytes;
    }
    link.inFlight += 1;
    const { inFlight } = link;
    const sentUs = clock.nowUs();
    connection.sendFrame(correlationId, frame, conf.acks !== 0, (answer, error) => {
      link.inFlight -= 1;
      if (answer === undefined) failRequest(sent, error ?? networkError(connection.name, "?"));
      else if (conf.acks === 0) acknowledge(sent);
      else {
        const nowUs = clock.nowUs();
        link.window.answered(nowUs - sentUs, inFlight, nowUs);
        readFrame(link, connection, sent, answer);
      }
      for (const { queue } of sent) afterLanding(queue);
      pumpSoon(link);
      // The socket has taken it, or is closed.
      buffers.give(memory);
    });
  }

  function readFrame(
    link: BrokerLink,
    connection: BrokerConnection,
    sent: readonly Sent[],
    frame: Uint8Array,
  ): void {
    try {
      readAnswer(link, sent, readProduceResponse(frame));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      const reason = networkError(connection.name, error.message, error);
      connection.close(reason);
      failRequest(sent, reason);
    }
  }

  /** acks=0: what the socket has taken counts as done. */
  function acknowledge(sent: readonly Sent[]): void {
    for (const { queue, batch } of sent) {
      if (landed(queue, batch)) settle(queue, batch, undefined);
    }
  }

  function readAnswer(link: BrokerLink, sent: readonly Sent[], answer: ProduceAnswer): void {
    let expected = 0;
    for (const part of answer.parts) {
      const isNext = (each: Sent) =>
        each.queue.topicPartition === part.topicPartition && each.queue.topic.name === part.topic;
      let match = sent[expected++];
      if (match === undefined || !isNext(match)) match = sent.find(isNext);
      if (match === undefined || !landed(match.queue, match.batch)) continue;
      if (part.errorCode === 0 || part.errorCode === duplicateSequence) {
        match.queue.isKnownToBroker = true;
        settle(match.queue, match.batch, undefined);
      } else {
        retryOrFail(match, brokerError(part.errorCode, part.errorMessage));
      }
    }
    if (answer.throttleMs > 0) {
      link.mutedUntilUs = clock.nowUs() + answer.throttleMs * 1000;
      later(answer.throttleMs + 1, () => pumpSoon(link));
    }
    if (sent.some(({ queue, batch }) => queue.inFlight.includes(batch))) {
      failRequest(sent, networkError(`broker ${link.brokerId}`, "the answer left out a partition"));
    }
  }

  /** For every batch of the request that is still in flight. */
  function failRequest(sent: readonly Sent[], error: KafkaError): void {
    for (const each of sent) {
      if (landed(each.queue, each.batch)) retryOrFail(each, error);
    }
  }

  function retryOrFail(each: Sent, error: KafkaError): void {
    const { queue, batch } = each;
    if (staleLeaderCodes.has(error.code)) leaders.refreshSoon();
    const nowUs = clock.nowUs();
    const hasExpired = isLate(batch, nowUs);
    if (abandonedBy !== undefined) {
      giveUp(queue, batch, abandonedBy);
    } else if (error.code === "MESSAGE_TOO_LARGE" && batch.count > 1 && !hasExpired) {
      batch.lastError = error;
      splitForRetry(queue, batch, wireOf(each), sealing);
    } else if (hasExpired || batch.attempts > conf.retries || !canRetry(queue, error)) {
      giveUp(queue, batch, hasExpired ? expiredError(conf.deliveryTimeoutMs, error) : error);
      if (fatalCodes.has(error.code)) options.onFatal(error);
    } else {
      batch.lastError = error;
      setWire(batch, wireOf(each));
      keepForRetry(queue, batch, sealing);
      const pauseMs = backoffAfter(retryBackoff, batch.attempts);
      queue.backoffUntilUs = nowUs + pauseMs * 1000;
      later(pauseMs + 1, () => look(queue));
    }
  }

  /** The bytes that were sent, in memory of their own. */
  function wireOf({ request, wireAt, batch }: Sent): Uint8Array {
    return request.slice(wireAt, wireAt + batch.wireBytes);
  }

  function canRetry(queue: PartitionQueue, error: KafkaError): boolean {
    if (!orderCodes.has(error.code)) return error.retriable;
    if (sealing.producer === undefined) return false;
    // Requests are answered in order: if one before it failed, this one had to be refused.
    const followsFailure = queue.retry.length > 0 || queue.needsNewEpoch;
    if (error.code === "OUT_OF_ORDER_SEQUENCE_NUMBER" && followsFailure) return true;
    if (sealing.producer.transactional) return false;
    if (sealing.producer.producerEpoch + queue.epochBumps >= epochMax) {
      options.onFatal(epochsUsedUp(queue, error));
      return false;
    }
    queue.needsNewEpoch = true;
    return true;
  }

  function giveUp(queue: PartitionQueue, batch: RecordBatch, error: KafkaError): void {
    if (sealing.producer?.transactional) options.onTransactionFailure(error);
    else gaveUp(queue, batch, sealing);
    settle(queue, batch, error);
  }

  function afterLanding(queue: PartitionQueue): void {
    recover(queue, sealing);
    look(queue);
  }

  function settle(queue: PartitionQueue, batch: RecordBatch, error: KafkaError | undefined): void {
    options.onOutcome({
      topic: queue.topic.name,
      topicPartition: queue.topicPartition,
      count: batch.count,
      intendedUs: batch.intendedUs,
      appendedUs: batch.appendedUs,
      sentUs: batch.sentUs,
      completedUs: clock.nowUs(),
      payloadBytes: batch.payloadBytes,
      error,
    });
    pool.give(batch);
  }

  function expire(): void {
    expiryTimer = undefined;
    const nowUs = clock.nowUs();
    let isBusy = false;
    for (const queue of leaders.queues) {
      if (queue.inFlight.length + queue.waiting.length + queue.retry.length === 0) continue;
      isBusy = true;
      if (queue.open !== undefined && isLate(queue.open, nowUs)) sealOpenBatch(queue, sealing);
      const flying = queue.inFlight[0];
      if (flying !== undefined && isLate(flying, nowUs)) {
        const address = `broker ${queue.inFlightBrokerId}`;
        links.get(queue.inFlightBrokerId)?.close(networkError(address, "no acknowledgement came"));
      }
      const before = queue.waiting.length + queue.retry.length;
      expireFrom(queue, queue.retry, nowUs);
      expireFrom(queue, queue.waiting, nowUs);
      if (queue.waiting.length + queue.retry.length < before) afterLanding(queue);
      else if (queue.waiting.length > 0) look(queue);
    }
    if (isBusy) expiryTimer ??= setTimeout(expire, expiryCheckMs);
    options.onRoom();
  }

  function isLate(batch: RecordBatch, nowUs: number): boolean {
    return nowUs - batch.createdUs >= deliveryUs;
  }

  function expireFrom(queue: PartitionQueue, batches: RecordBatch[], nowUs: number): void {
    while (batches.length > 0 && isLate(batches[0]!, nowUs)) {
      const batch = batches.shift()!;
      sealing.waitingBytes -= batch.memoryBytes;
      giveUp(queue, batch, expiredError(conf.deliveryTimeoutMs, batch.lastError));
    }
  }

  function failUnsent(error: KafkaError): void {
    for (const queue of leaders.queues) {
      sealOpenBatch(queue, sealing);
      const failed = [...queue.retry.splice(0), ...queue.waiting.splice(0)];
      const firstUnsent = failed.find((batch) => batch.attempts === 0);
      if (firstUnsent !== undefined) gaveUp(queue, firstUnsent, sealing);
      for (const batch of failed) {
        sealing.waitingBytes -= batch.memoryBytes;
        settle(queue, batch, error);
      }
    }
    options.onRoom();
  }

  function lookAtAll(): void {
    for (const link of links.values()) {
      for (const queue of link.listed) queue.isListed = queue.leaderId === link.brokerId;
      link.listed = link.listed.filter((queue) => queue.isListed);
      pumpSoon(link);
    }
    for (const queue of leaders.queues) look(queue);
  }

  return {
    look,
    lookAtAll,
    failUnsent,
    abandon(reason) {
      abandonedBy = reason;
      for (const link of links.values()) link.close();
      failUnsent(reason);
      for (const timer of [...pauses, expiryTimer]) clearTimeout(timer);
    },
  };
}

function groupByTopic(sent: readonly Sent[]): ProduceTopic[] {
  const byName = new Map<
    string,
    { nameBytes: Uint8Array; batches: ProduceTopic["batches"][0][] }
  >();
  for (const each of sent) {
    const { topic: named } = each.queue;
    let topic = byName.get(named.name);
    if (topic === undefined) {
      topic = { nameBytes: named.nameBytes, batches: [] };
      byName.set(named.name, topic);
    }
    topic.batches.push(each);
  }
  return [...byName.values()];
}
