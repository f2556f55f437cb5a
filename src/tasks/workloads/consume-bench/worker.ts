// ConsumeBench's phases: resolve what to consume and the configurations, connect the consumers, and
// let them take messages until each has its number (run-consumptions.ts says when that succeeds).

import type { KafkaClients } from "../../../kafka/client.ts";
import type { ConsumerConf } from "../../../kafka/conf/types.ts";
import { loadClients } from "../../client-confs/load-clients.ts";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import { inTotal } from "../../consumption/consume-status.ts";
import { consumerCount } from "../../consumption/consumer-count.ts";
import { consumerId } from "../../consumption/consumer-id.ts";
import { consumptionSources } from "../../consumption/consumption-sources.ts";
import { runConsumptions } from "../../consumption/run-consumptions.ts";
import { startConsumer } from "../../consumption/start-consumer.ts";
import type { Worker, WorkerContext } from "../../define-task.ts";
import {
  type WithClock,
  withControllerClock,
  withoutClock,
} from "../../workload-run/with-controller-clock.ts";
import { consumerLayers } from "./confs.ts";
import type { ConsumeBenchSpec } from "./spec.ts";
import { consumeTargets } from "./targets.ts";

export const consumeBenchWorker: Worker<ConsumeBenchSpec> = async (spec, context) =>
  runConsumeBench(spec, context, await loadClients(spec.clientLibrary), withControllerClock);

/** The worker with its Kafka client passed in; it measures no clocks then. */
export async function runConsumeBench(
  spec: ConsumeBenchSpec,
  context: WorkerContext,
  clients: KafkaClients,
  withClock: WithClock = withoutClock,
): Promise<void> {
  const { clock, log, signal } = context;
  const targets = consumeTargets(spec);
  const { confs, warnings } = await resolveConsumers(spec, context);
  for (const warning of warnings) log.warn(warning);
  const consumers = confs.map((conf) => clients.consumer(conf, { clock, log }));
  const setup = { consumers, takesWhole: false, clientLibrary: clients.library, warnings };
  const sources = consumptionSources(spec, setup, context);
  const start = (index: number) =>
    startConsumer(consumers[index]!, targets, { clients, conf: confs[index]!, clock, log, signal });
  await withClock(context, confs[0]!, inTotal, (told) =>
    runConsumptions(sources, told, spec.maxMessages > 0n ? start : undefined),
  );
}

interface Consumers {
  readonly confs: readonly ConsumerConf[];
  readonly warnings: readonly string[];
}

async function resolveConsumers(
  spec: ConsumeBenchSpec,
  context: WorkerContext,
): Promise<Consumers> {
  const confs: ConsumerConf[] = [];
  const warnings = new Set<string>();
  if (spec.adminClientConf.size > 0) warnings.add("adminClientConf has no effect here");
  for (let index = 0; index < consumerCount(spec); index++) {
    const groupId =
      spec.consumerGroup === "" ? `consume-bench-${context.randomUuid()}` : spec.consumerGroup;
    const consumer = consumerLayers(spec, consumerId(context.taskId, index), groupId);
    const resolved = await resolveConfs({ consumer }, spec.clientLibrary);
    confs.push(resolved.consumer);
    for (const warning of resolved.warnings) warnings.add(warning);
  }
  return { confs, warnings: [...warnings] };
}
