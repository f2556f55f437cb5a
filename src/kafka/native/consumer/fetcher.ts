// Fetches from every broker that leads assigned topicPartitions, one request at a time for each.
// Records are handed over while the answer still arrives; when a sink falls behind, the rest of the
// answer is kept and nothing more is asked until it has caught up. So there is at most one answer
// of each broker in memory.

import { type ClientEnvironment, KafkaError } from "../../client.ts";
import type { ConsumerConf } from "../../conf/types.ts";
import type { Control } from "../control.ts";
import { FrameError } from "../frame-reader.ts";
import { brokerError } from "../protocol-error.ts";
import { type AbortFilter, createAbortFilter } from "./abort-filter.ts";
import type { Delivery } from "./delivery.ts";
import { createFetchLink, type FetchLink } from "./fetch-link.ts";
import { type FetchSettings, writeFetchRequest } from "./fetch-request.ts";
import { createFetchStream } from "./fetch-stream.ts";
import type { FetchedPart } from "./fetched-part.ts";
import { type Partition, partitionText, place } from "./partition.ts";

/**
 * The most that one answer is asked to hold, within fetch.max.bytes: it bounds what has to be kept
 * for a sink that falls behind, and larger answers are not faster.
 */
const answerBytesMax = 8 * 1024 * 1024;

export interface Fetcher {
  /** Sends what can be sent: the assignment, leaders or positions have changed. */
  wake(): void;
  close(): void;
}

export interface FetcherOptions {
  readonly conf: ConsumerConf;
  readonly environment: ClientEnvironment;
  readonly control: Control;
  readonly delivery: Delivery;
  readonly isPaused: () => boolean;
  partitions(): readonly Partition[];
  /** Leaders may have moved. */
  onStale(): void;
  /** A broker told of a newer leader. */
  onLeader(partition: Partition, leaderId: number, leaderEpoch: number): void;
  /** The position of a topicPartition is out of range: look for a new one. */
  onDisplaced(partition: Partition, error: KafkaError): void;
  onError(error: KafkaError): void;
  onFatal(error: KafkaError): void;
}

/** What every request asks for. */
export function fetchSettings(conf: ConsumerConf): FetchSettings {
  const encoder = new TextEncoder();
  return {
    clientId: encoder.encode(conf.clientId),
    rack: encoder.encode(conf.clientRack),
    maxWaitMs: conf.fetchMaxWaitMs,
    minBytes: conf.fetchMinBytes,
    maxBytes: Math.min(conf.fetchMaxBytes, answerBytesMax),
    partitionMaxBytes: conf.maxPartitionFetchBytes,
    readCommitted: conf.readCommitted,
  };
}

interface Link {
  readonly link: FetchLink;
  buffer: Uint8Array;
  /** What the request in flight asked, with the generations of then. */
  readonly asked: Map<string, Asked>;
  /** Where the request in flight began among the broker's topicPartitions, and the next one. */
  start: number;
  rotation: number;
}

interface Asked {
  readonly partition: Partition;
  readonly generation: number;
  readonly offset: number;
  readonly isReplica: boolean;
}

export function createFetcher(options: FetcherOptions): Fetcher {
  const { conf, environment, control, delivery } = options;
  const { clock } = environment;
  const settings = fetchSettings(conf);
  const links = new Map<number, Link>();
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function linkTo(brokerId: number): Link {
    let link = links.get(brokerId);
    if (link === undefined) {
      const answers = createAnswers(() => link!);
      link = {
        link: createFetchLink(brokerId, conf, environment, {
          address: () => control.brokers.get(brokerId),
          open: control.open,
          stream: answers.stream,
          onAnswer: answers.onAnswer,
          onReady: wake,
          onFailure(error) {
            options.onError(error);
            options.onStale();
          },
        }),
        buffer: new Uint8Array(1024),
        asked: new Map(),
        start: 0,
        rotation: 0,
      };
      links.set(brokerId, link);
    }
    return link;
  }

  function brokerOf(partition: Partition, nowUs: number): number {
    if (partition.readReplica === -1) return partition.leaderId;
    if (nowUs < partition.readReplicaUntilUs && control.brokers.has(partition.readReplica)) {
      return partition.readReplica;
    }
    partition.readReplica = -1;
    return partition.leaderId;
  }

  function wake(): void {
    if (isClosed || !delivery.isIdle || options.isPaused()) return;
    const nowUs = clock.nowUs();
    const byBroker = new Map<number, Partition[]>();
    let blockedUntilUs = Number.POSITIVE_INFINITY;
    for (const partition of options.partitions()) {
      if (!partition.isPlaced) continue;
      if (partition.blockedUntilUs > nowUs) {
        blockedUntilUs = Math.min(blockedUntilUs, partition.blockedUntilUs);
        continue;
      }
      const brokerId = brokerOf(partition, nowUs);
      if (brokerId === -1) {
        options.onStale();
        continue;
      }
      const group = byBroker.get(brokerId);
      if (group === undefined) byBroker.set(brokerId, [partition]);
      else group.push(partition);
    }
    for (const [brokerId, partitions] of byBroker) {
      const link = linkTo(brokerId);
      if (link.link.isReady()) ask(link, partitions);
    }
    wakeAt(blockedUntilUs, nowUs);
  }

  function wakeAt(untilUs: number, nowUs: number): void {
    if (untilUs === Number.POSITIVE_INFINITY || timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        wake();
      },
      Math.ceil((untilUs - nowUs) / 1000),
    );
  }

  function ask(link: Link, partitions: readonly Partition[]): void {
    link.start = link.rotation % partitions.length;
    const parts = rotated(partitions, link.start);
    link.asked.clear();
    for (const partition of parts) {
      link.asked.set(`${partition.topicPartition} ${partition.name}`, {
        partition,
        generation: partition.generation,
        offset: partition.fetchOffset,
        isReplica: partition.readReplica !== -1,
      });
    }
    link.link.send((id) => {
      const request = writeFetchRequest(link.buffer, id, settings, parts);
      link.buffer = new Uint8Array(request.buffer);
      return request;
    });
  }

  /** Takes the answers of one broker, piece by piece. */
  function createAnswers(link: () => Link) {
    let question: Asked | undefined;
    let filter: AbortFilter | undefined;
    let errorCode = 0;
    let throttleMs = 0;
    let parts = 0;

    const stream = createFetchStream({
      onHead(code, ms) {
        errorCode = code;
        throttleMs = ms;
        parts = 0;
      },
      onPart(part) {
        parts += 1;
        question = link().asked.get(`${part.topicPartition} ${part.topic}`);
        if (isClosed || question === undefined || !isWanted(question)) return false;
        noteEnd(question.partition, part);
        const { aborted } = part;
        const isFiltered = conf.readCommitted && aborted.length > 0;
        filter = isFiltered ? createAbortFilter(aborted) : undefined;
        return part.errorCode === 0;
      },
      onBatches(bytes, start, look) {
        if (question === undefined || !isWanted(question)) return;
        const { partition } = question;
        if (look.nextOffset <= partition.fetchOffset) {
          failed(partition, noProgress());
          return;
        }
        link().rotation = link().start + parts;
        partition.fetchOffset = look.nextOffset;
        partition.lastFetchedEpoch = look.lastEpoch;
        delivery.offer({
          owner: partition,
          generation: partition.generation,
          bytes,
          start,
          end: look.end,
          nextOffset: look.nextOffset,
          codecs: look.codecs & ~1,
          filter,
          receivedUs: clock.nowUs(),
        });
      },
      onBadRecords(error) {
        if (question !== undefined && isWanted(question)) failed(question.partition, error);
      },
      onPartEnd(part) {
        if (question !== undefined && isWanted(question)) partEnded(question, part);
        question = undefined;
      },
    });

    return {
      stream,
      onAnswer() {
        if (isClosed) return;
        if (!stream.isComplete) throw new FrameError("the answer to a Fetch request is cut off");
        if (errorCode !== 0) {
          options.onError(brokerError(errorCode));
          link().link.mute(conf.retryBackoffMs);
        } else if (throttleMs > 0) link().link.mute(throttleMs);
        wake();
      },
    };
  }

  const isWanted = ({ partition, generation }: Asked) =>
    partition.isAssigned && partition.generation === generation;

  function failed(partition: Partition, error: KafkaError): void {
    options.onFatal(placedError(partition, partition.fetchOffset, error));
  }

  function noteEnd(partition: Partition, part: FetchedPart): void {
    if (part.errorCode !== 0) return;
    partition.lastError = undefined;
    partition.endOffset = conf.readCommitted ? part.lastStableOffset : part.highWatermark;
    if (part.readReplica >= 0 && part.readReplica !== partition.readReplica) {
      partition.readReplica = part.readReplica;
      partition.readReplicaUntilUs = clock.nowUs() + conf.metadataMaxAgeMs * 1000;
    }
  }

  function partEnded(question: Asked, part: FetchedPart): void {
    const { partition } = question;
    if (part.leaderId >= 0) options.onLeader(partition, part.leaderId, part.leaderEpoch);
    if (part.errorCode !== 0) failedPart(question, part.errorCode);
    else if (part.divergingEpoch !== -1) truncated(partition, part);
  }

  /** The log was cut below what this consumer has read: it goes on where the logs part. */
  function truncated(partition: Partition, part: FetchedPart): void {
    if (part.divergingEndOffset >= partition.fetchOffset) {
      // Only the epoch was unknown there; the records are the same.
      partition.lastFetchedEpoch = part.divergingEpoch;
      return;
    }
    const where = `${partitionText(partition)} was truncated to offset ${part.divergingEndOffset}`;
    const message = `${where}, below what was read (${partition.fetchOffset})`;
    const error = new KafkaError("LOG_TRUNCATION", message, conf.offsetReset !== "none");
    if (conf.offsetReset === "none") {
      options.onFatal(error);
      return;
    }
    options.onError(error);
    const position = delivery.positionOf(partition);
    const isAhead = position > part.divergingEndOffset;
    if (isAhead) place(partition, part.divergingEndOffset, part.divergingEpoch);
    else place(partition, position, -1);
    delivery.pump();
  }

  function failedPart(question: Asked, errorCode: number): void {
    const { partition } = question;
    const error = placedError(partition, question.offset, brokerError(errorCode));
    partition.lastError = error;
    if (errorCode === offsetOutOfRange && question.isReplica) {
      partition.readReplica = -1;
    } else if (errorCode === offsetOutOfRange && partition.position === question.offset) {
      options.onDisplaced(partition, error);
      return;
    } else if (errorCode !== offsetOutOfRange && !passingErrors.has(error.code)) {
      options.onFatal(error);
      return;
    }
    options.onError(error);
    partition.readReplica = -1;
    partition.blockedUntilUs = clock.nowUs() + conf.retryBackoffMs * 1000;
    options.onStale();
  }

  return {
    wake,
    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const { link } of links.values()) link.close();
    },
  };
}

const offsetOutOfRange = 1;

/** Errors that pass: the topicPartition moves, is created or deleted, or its disk ails. */
const passingErrors = new Set([
  "UNKNOWN_SERVER_ERROR",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "NOT_LEADER_OR_FOLLOWER",
  "REPLICA_NOT_AVAILABLE",
  "REQUEST_TIMED_OUT",
  "KAFKA_STORAGE_ERROR",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "OFFSET_NOT_AVAILABLE",
  "UNKNOWN_TOPIC_ID",
  "INCONSISTENT_TOPIC_ID",
]);

/** So that those at the end get their turn when an answer is full before them. */
function rotated(partitions: readonly Partition[], start: number): Partition[] {
  const turned = [...partitions.slice(start), ...partitions.slice(0, start)];
  // Those of one topic stand together in a request.
  const order = new Map<string, number>();
  for (const { name } of turned) if (!order.has(name)) order.set(name, order.size);
  return order.size === 1 ? turned : turned.sort((a, b) => order.get(a.name)! - order.get(b.name)!);
}

function placedError(partition: Partition, offset: number, error: KafkaError): KafkaError {
  const message = `${partitionText(partition)} at offset ${offset}: ${error.message}`;
  return new KafkaError(error.code, message, error.retriable, error);
}

function noProgress(): KafkaError {
  const message = "the broker answered with records that lie before the offset that was asked for";
  return new KafkaError("CORRUPT_MESSAGE", message, false);
}
