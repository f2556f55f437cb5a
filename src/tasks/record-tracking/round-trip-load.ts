// What a round trip has to do and where it stands: the sending loop and the receiving consumer
// write, the status reads.

import type { KafkaError, Producer, SendOutcome } from "../../kafka/client.ts";
import { createLatencyHistogram, type LatencyHistogram } from "../../measure/latency-histogram.ts";
import { createPacer, type Pacer } from "../../measure/pacer.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import { createRecordTracker, type RecordTracker } from "./record-tracker.ts";

export interface RoundTripPlan {
  readonly producer: Producer;
  /** Where the messages go, in turn. */
  readonly topics: readonly string[];
  readonly topicPartitions: Int32Array;
  readonly ratePerSec: number;
  readonly maxMessages: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface RoundTripLoad {
  readonly plan: RoundTripPlan;
  readonly tracker: RecordTracker;
  /** Begins anew when the clients are connected. */
  pacer: Pacer;
  /** From the time a message was meant to go out until it had come back. */
  readonly roundTrip: LatencyHistogram;
  /** The same until its acknowledgement, and that from the write to the socket. */
  readonly acknowledgement: LatencyHistogram;
  readonly service: LatencyHistogram;
  /** Failures by code: of sends, and of the consumer, also those that were tried again. */
  readonly errors: Map<string, number>;
  failedSends: number;
  lastSendError: KafkaError | undefined;
  /** Sends so far, repeated ones included. */
  sends: number;
  /** Bytes of keys and values that came back. */
  bytes: number;
  lastArrivalUs: number;
  /** Called when something was acknowledged, failed or came back. */
  onChange(): void;
}

export function createRoundTripLoad(plan: RoundTripPlan): RoundTripLoad {
  return {
    plan,
    tracker: createRecordTracker(),
    pacer: createPacer(plan.clock.nowUs(), plan.ratePerSec),
    roundTrip: createLatencyHistogram(),
    acknowledgement: createLatencyHistogram(),
    service: createLatencyHistogram(),
    errors: new Map(),
    failedSends: 0,
    lastSendError: undefined,
    sends: 0,
    bytes: 0,
    lastArrivalUs: 0,
    onChange: () => {},
  };
}

/** The clients are connected: messages are due from now on. */
export function beginLoad(load: RoundTripLoad): void {
  load.pacer = createPacer(load.plan.clock.nowUs(), load.plan.ratePerSec);
}

/**
 * Takes the outcome of a batch. What `send` was given for the intended time is the message's index:
 * the time follows from it.
 */
export function recordOutcome(load: RoundTripLoad, outcome: SendOutcome): void {
  const { tracker, pacer } = load;
  const { count, error, intendedUs: indexes, completedUs, sentUs } = outcome;
  if (error !== undefined) {
    countError(load, error, count);
    load.failedSends += count;
    load.lastSendError = error;
    for (let at = 0; at < count; at++) tracker.failedSend(indexes[at]!);
  } else {
    for (let at = 0; at < count; at++) {
      tracker.acknowledge(indexes[at]!);
      indexes[at] = pacer.intendedUs(indexes[at]!);
    }
    load.acknowledgement.recordUntil(completedUs, indexes, 0, count);
    load.service.record(completedUs - sentUs, count);
  }
  load.onChange();
}

export function countError(load: RoundTripLoad, { code }: KafkaError, count: number): void {
  load.errors.set(code, (load.errors.get(code) ?? 0) + count);
}

export function isComplete({ plan, tracker }: RoundTripLoad): boolean {
  const { maxMessages } = plan;
  return tracker.acknowledged >= maxMessages && tracker.received >= maxMessages;
}
