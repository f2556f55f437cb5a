// ShareConsumeBench's phases: as ConsumeBench's, with members of a share group. What a member is
// offered it takes whole, since what it leaves would count as a failed delivery; a rate is kept by
// waiting afterwards, within batches of a second.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { KafkaClients, ShareConsumer } from "../../../kafka/client.ts";
import type { ConsumerConf } from "../../../kafka/conf/types.ts";
import { loadClients } from "../../client-confs/load-clients.ts";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import { shareKeyProblems } from "../../client-confs/share-keys.ts";
import { inTotal } from "../../consumption/consume-status.ts";
import { consumerCount } from "../../consumption/consumer-count.ts";
import { consumerId } from "../../consumption/consumer-id.ts";
import type { TakingConsumer } from "../../consumption/consumption.ts";
import { consumptionSources } from "../../consumption/consumption-sources.ts";
import { runConsumptions } from "../../consumption/run-consumptions.ts";
import type { Worker, WorkerContext } from "../../define-task.ts";
import {
  type WithClock,
  withControllerClock,
  withoutClock,
} from "../../workload-run/with-controller-clock.ts";
import { shareLayers } from "./check.ts";
import type { ShareConsumeBenchSpec } from "./spec.ts";
import { shareTopics } from "./targets.ts";

export const shareConsumeBenchWorker: Worker<ShareConsumeBenchSpec> = async (spec, context) =>
  runShareConsumeBench(spec, context, await loadClients("native"), withControllerClock);

/** The worker with its Kafka client passed in; it measures no clocks then. */
export async function runShareConsumeBench(
  spec: ShareConsumeBenchSpec,
  context: WorkerContext,
  clients: KafkaClients,
  withClock: WithClock = withoutClock,
): Promise<void> {
  const { clock, log, signal } = context;
  const topics = shareTopics(spec);
  const [refused] = shareKeyProblems({
    commonClientConf: spec.commonClientConf,
    consumerConf: spec.consumerConf,
  });
  if (refused !== undefined) throw new TrogdorError("configuration", refused.message);
  const { confs, warnings } = await resolveMembers(spec, context);
  for (const warning of warnings) log.warn(warning);
  const members = confs.map((conf) => clients.shareConsumer(conf, { clock, log }));
  const setup = {
    consumers: members.map(asTaking),
    takesWhole: true,
    clientLibrary: clients.library,
    warnings,
    subscription: topics,
  };
  const sources = consumptionSources(spec, setup, context);
  const start = (index: number) => members[index]!.subscribe(topics, signal);
  await withClock(context, confs[0]!, inTotal, (told) =>
    runConsumptions(sources, told, spec.maxMessages > 0n ? start : undefined),
  );
}

/** A share group knows neither rebalances to tell of nor a position to lag behind. */
function asTaking(member: ShareConsumer): TakingConsumer {
  return {
    set onRecords(take: TakingConsumer["onRecords"]) {
      member.onRecords = take;
    },
    set onError(note: TakingConsumer["onError"]) {
      member.onError = note;
    },
    set onFatal(note: TakingConsumer["onFatal"]) {
      member.onFatal = note;
    },
    onRebalance: () => {},
    lagRecords: 0,
    get trouble() {
      return member.trouble;
    },
    pause: () => member.pause(),
    progress: () => member.assigned(),
    close: (timeoutMs) => member.close(timeoutMs),
  };
}

interface Members {
  readonly confs: readonly ConsumerConf[];
  readonly warnings: readonly string[];
}

async function resolveMembers(
  spec: ShareConsumeBenchSpec,
  { taskId }: WorkerContext,
): Promise<Members> {
  const confs: ConsumerConf[] = [];
  const warnings = new Set<string>();
  if (spec.adminClientConf.size > 0) warnings.add("adminClientConf has no effect here");
  for (let index = 0; index < consumerCount(spec); index++) {
    const layers = shareLayers(spec, consumerId(taskId, index));
    const { consumer, ...resolved } = await resolveConfs({ consumer: layers }, "native");
    const { targetMessagesPerSec: rate } = spec;
    const maxPollRecords = rate > 0 ? Math.min(rate, consumer.maxPollRecords) : undefined;
    confs.push(maxPollRecords === undefined ? consumer : { ...consumer, maxPollRecords });
    for (const warning of resolved.warnings) warnings.add(warning);
  }
  return { confs, warnings: [...warnings] };
}
