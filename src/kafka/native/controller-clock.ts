// How far the clock of the active controller is ahead of this node's, within bounds. DescribeQuorum
// (version 1, Kafka 3.3) tells when the controller answered, by its own clock: it lies between the
// sending of the request and the arrival of the answer, so each exchange bounds the offset by as
// much as it took, and several together by what they have in common. Nothing is written.
//
//     sent ------ answered ------ arrived        this node's clock: sentMs, arrivedMs
//                    t                            the controller's: t
//     t - arrivedMs - 1  <  ahead  <  t + 1 - sentMs      (both clocks are cut to milliseconds)

import { type ClientEnvironment, KafkaError } from "../client.ts";
import type { ConnectionConf } from "../conf/types.ts";
import { deadlineIn } from "../retry.ts";
import { createControl } from "./control.ts";
import { describeQuorum, type QuorumAnswer, quorumIn } from "./quorum.ts";

export interface ControllerClock {
  /** The controller's node id. */
  readonly nodeId: number;
  /** How far it is ahead of this node's clock; negative: behind. */
  readonly aheadMs: { readonly min: number; readonly max: number };
}

export interface ClockExchange {
  readonly nodeId: number;
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly arrivedMs: number;
}

const exchangeCount = 5;
const pauseMs = 50;
const withinMs = 10_000;

/** Rejects with KafkaError where brokers do not tell. */
export async function measureControllerClock(
  conf: ConnectionConf,
  environment: ClientEnvironment,
  signal: AbortSignal,
): Promise<ControllerClock> {
  const { clock } = environment;
  const control = createControl(conf, environment);
  const exchanges: ClockExchange[] = [];
  try {
    for (let count = 0; count < exchangeCount && !signal.aborted; count++) {
      if (count > 0) await clock.sleep(pauseMs, signal);
      const deadline = deadlineIn(clock, withinMs, signal);
      const exchange = await control.askAny(deadline, async (connection) => {
        const sentMs = clock.nowMs();
        const answer = await describeQuorum(connection);
        return { ...answeredBy(answer), sentMs, arrivedMs: clock.nowMs() };
      });
      exchanges.push(exchange);
    }
  } catch (error) {
    if (exchanges.length === 0) throw error;
  } finally {
    control.close();
  }
  const found = clockOf(exchanges);
  if (found === undefined) throw new KafkaError("INTERRUPTED", "the task was over before", false);
  return found;
}

/**
 * What the exchanges have in common. Those with another controller than the last one, and those
 * before a clock was set, are left out.
 */
export function clockOf(exchanges: readonly ClockExchange[]): ControllerClock | undefined {
  let common: ControllerClock | undefined;
  for (const { nodeId, sentMs, answeredMs, arrivedMs } of exchanges.toReversed()) {
    const min = answeredMs - arrivedMs - 1;
    const max = answeredMs + 1 - sentMs;
    if (common === undefined) {
      common = { nodeId, aheadMs: { min, max } };
      continue;
    }
    const both = { min: Math.max(min, common.aheadMs.min), max: Math.min(max, common.aheadMs.max) };
    if (nodeId !== common.nodeId || both.min > both.max) break;
    common = { nodeId, aheadMs: both };
  }
  return common;
}

/** The leader tells of itself that it has caught up now. */
function answeredBy(answer: QuorumAnswer): { nodeId: number; answeredMs: number } {
  const part = quorumIn(answer);
  const leader = part?.currentVoters.find(({ replicaId }) => replicaId === part.leaderId);
  const answeredMs = Number(leader?.lastCaughtUpTimestamp ?? -1);
  if (leader === undefined || answeredMs <= 0) {
    throw new KafkaError("UNSUPPORTED_VERSION", "the controller does not tell its time", false);
  }
  return { nodeId: leader.replicaId, answeredMs };
}
