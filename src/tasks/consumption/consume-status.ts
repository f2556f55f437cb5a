// The status of a consuming workload: an object with an entry for each consumer, the reference's
// fields first and with their meaning, then ours; and one entry for all of them together.

import type { ClientLibrary } from "../../kafka/client.ts";
import type { RateMeter } from "../../measure/rates.ts";
import type { StatusJson } from "../define-task.ts";
import { type StatusObject, statusMember } from "../read-status.ts";
import type { EndReason } from "../workload-run/workload-end.ts";
import type { Consumption, EndToEnd } from "./consumption.ts";

/** No consumer is called so: their names begin with `consumer.`. */
export const TOTAL = "trogdor.total";

/** Names of topicPartitions in one status: what is told must stay readable, and bounded. */
export const LISTED_PARTITIONS_MAX = 2000;

export interface StatusSources {
  readonly consumptions: readonly Consumption[];
  readonly endToEnd: EndToEnd;
  readonly rates: RateMeter;
  readonly clientLibrary: ClientLibrary;
  readonly warnings: readonly string[];
  /** What a member of a share group subscribed to stands in place of its partitions. */
  readonly subscription?: readonly string[];
}

export type ConsumeStatus = ReturnType<typeof consumeStatus>;
export type ConsumerStatus = ReturnType<typeof consumerStatus>;
export type ConsumeTotal = ReturnType<typeof totalStatus>;

/** `endReason` null: the load still runs at `nowUs`. */
export function consumeStatus(
  sources: StatusSources,
  nowUs: number,
  endReason: EndReason | null,
): { readonly [clientId: string]: StatusJson } {
  const listedMax = Math.floor(LISTED_PARTITIONS_MAX / Math.max(1, sources.consumptions.length));
  const consumers = sources.consumptions.map((consumption): [string, StatusJson] => [
    consumption.clientId,
    consumerStatus(consumption, listedMax, sources.subscription),
  ]);
  return Object.fromEntries([...consumers, [TOTAL, totalStatus(sources, nowUs, endReason)]]);
}

function consumerStatus(
  consumption: Consumption,
  listedMax: number,
  subscription: readonly string[] | undefined,
) {
  const { received, bytes, assigned, processor } = consumption;
  const { mean, p50, p95, p99 } = consumption.batchLatency.summary();
  const names = assigned
    .slice(0, listedMax)
    .map(({ topic, topicPartition }) => `${topic}-${topicPartition}`);
  const listed = names.length > 0 ? { assignedPartitions: names } : {};
  return {
    ...(subscription === undefined ? listed : { subscription: subscription.slice(0, listedMax) }),
    totalMessagesReceived: received,
    totalBytesReceived: bytes,
    averageMessageSizeBytes: received === 0 ? 0 : Math.trunc(bytes / received),
    averageLatencyMs: Math.round(mean) / 1000,
    p50LatencyMs: Math.round(p50 / 1000),
    p95LatencyMs: Math.round(p95 / 1000),
    p99LatencyMs: Math.round(p99 / 1000),
    ...(processor === undefined ? {} : { recordProcessorStatus: { ...processor.status() } }),
    assignedPartitionsCount: assigned.length,
    lagRecords: consumption.lagRecords,
    lagUnknownPartitions: consumption.lagUnknown,
    rebalances: consumption.rebalances,
    sessionsLost: consumption.lost,
    errors: Object.fromEntries(consumption.errors),
    isDone: consumption.isDone,
  };
}

function totalStatus(sources: StatusSources, nowUs: number, endReason: EndReason | null) {
  const { consumptions, endToEnd, clientLibrary } = sources;
  const received = sum(consumptions, (each) => each.received);
  const bytes = sum(consumptions, (each) => each.bytes);
  const lastUs = Math.max(...consumptions.map((each) => each.lastReceivedUs));
  const rate = sources.rates.sample(
    endReason !== null && lastUs > 0 ? lastUs : nowUs,
    received,
    bytes,
  );
  return {
    received,
    bytes,
    consumers: consumptions.length,
    consumersDone: consumptions.filter((each) => each.isDone).length,
    lagRecords: sum(consumptions, (each) => each.lagRecords),
    lagUnknownPartitions: sum(consumptions, (each) => each.lagUnknown),
    rebalances: sum(consumptions, (each) => each.rebalances),
    errors: Object.fromEntries(errorsOf(consumptions)),
    elapsedMs: rate.elapsedMs,
    achievedMessagesPerSec: rate.messagesPerSec,
    bytesPerSec: rate.bytesPerSec,
    intervalMessagesPerSec: rate.intervalMessagesPerSec,
    intervalBytesPerSec: rate.intervalBytesPerSec,
    latencyUs: { endToEnd: { ...endToEnd.histogram.summary() } },
    stampsAheadMs: { min: stampsAheadMinMs(endToEnd), max: null },
    warnings: [...sources.warnings, ...warnings(sources, endReason)],
    endReason,
    clientLibrary,
  };
}

/**
 * How far the clocks that made the time stamps are ahead of this node's, at the least: no record
 * comes before it was made. Both clocks are cut to milliseconds. Null: no record has come.
 */
function stampsAheadMinMs({ leastAgeMs }: EndToEnd): number | null {
  return Number.isFinite(leastAgeMs) ? -leastAgeMs - 1 : null;
}

/** Where a consuming workload's status has the controller's clock. */
export function inTotal(controllerClock: StatusJson, status: StatusObject): StatusObject {
  return { ...status, [TOTAL]: { ...statusMember(status, TOTAL), controllerClock } };
}

/** Over all consumers, by code. */
export function errorsOf(consumptions: readonly Consumption[]): Map<string, number> {
  const errors = new Map<string, number>();
  for (const consumption of consumptions) {
    for (const [code, count] of consumption.errors) {
      errors.set(code, (errors.get(code) ?? 0) + count);
    }
  }
  return errors;
}

function warnings(
  { consumptions, endToEnd }: StatusSources,
  endReason: EndReason | null,
): string[] {
  const result: string[] = [];
  if (endToEnd.negative > 0) {
    result.push(
      `${endToEnd.negative} messages came from the future: the clock of a producer or broker is ` +
        `at least ${endToEnd.clockAheadMs} ms ahead of this node's; their latencies count as 0`,
    );
  }
  if (endReason !== "expired") return result;
  for (const { clientId, received, assigned, trouble } of consumptions) {
    if (received > 0) continue;
    const cause = trouble ?? (assigned.length === 0 ? "it got no partitions" : "");
    result.push(`${clientId} received nothing${cause === "" ? "" : `: ${cause}`}`);
    if (result.length > WARNINGS_MAX) break;
  }
  return result;
}

const WARNINGS_MAX = 10;

function sum<Item>(items: readonly Item[], amount: (item: Item) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}
