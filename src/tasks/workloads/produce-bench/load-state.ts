// What a load has to do, and where it stands: the loop writes the state, the status reads it.

import type { Producer } from "../../../kafka/client.ts";
import { createPacer, type Pacer } from "../../../measure/pacer.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { TransactionGenerator } from "./transactions.ts";

export interface LoadPlan {
  readonly producer: Producer;
  /** Where the messages go, in turn; topicPartitions are -1 when the partitioner decides. */
  readonly topics: readonly string[];
  readonly topicPartitions: Int32Array;
  readonly ratePerSec: number;
  readonly maxMessages: number;
  readonly skipFlush: boolean;
  readonly transactions: TransactionGenerator | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Where a load stands; the loop writes, the status reads. */
export interface LoadState {
  readonly pacer: Pacer;
  /** Messages appended so far; the position of the next one. */
  position: number;
  /** Index of the next target. */
  target: number;
  /** When the last message was appended. */
  lastSendUs: number;
  /** While behind the schedule: time spent waiting for room in the client, and the rest. */
  blockedUs: number;
  busyUs: number;
  isTransactionOpen: boolean;
  /** The transaction generator has been asked for the message at `position`. */
  isAsked: boolean;
  transactionsCommitted: number;
  /** Messages since the open transaction began. */
  transactionMessages: number;
  /** Messages that an abort took back. */
  abortedMessages: number;
  flushedPosition: number;
  lastFlushPeriod: number;
}

export function createLoadState(plan: LoadPlan): LoadState {
  return {
    pacer: createPacer(plan.clock.nowUs(), plan.ratePerSec),
    position: 0,
    target: 0,
    lastSendUs: 0,
    blockedUs: 0,
    busyUs: 0,
    isTransactionOpen: false,
    isAsked: false,
    transactionsCommitted: 0,
    transactionMessages: 0,
    abortedMessages: 0,
    flushedPosition: 0,
    lastFlushPeriod: 0,
  };
}
