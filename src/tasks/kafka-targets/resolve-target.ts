// Finds out, when a fault starts, who its kafkaTarget means, and notes it in the spec.

import type { SpecData } from "../../core/spec-data.ts";
import type { Topology } from "../../core/topology.ts";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Names } from "../../platform/names/names.ts";
import { confLayers } from "../client-confs/conf-layers.ts";
import type { TaskSpec } from "../define-task.ts";
import { canonicalTaskSpec, parseTaskSpec } from "../parse-task-spec.ts";
import { type KafkaTarget, parseTopicPartition, type ResolvedTarget } from "./kafka-target.ts";

export interface TargetMeans {
  readonly topology: Topology;
  readonly names: Names;
  readonly clock: Clock;
  readonly log: Log;
}

interface TargetedSpec extends TaskSpec {
  readonly kafkaTarget?: KafkaTarget | undefined;
}

/** The spec with what was found; undefined when there is nothing to find. Rejects with why not. */
export async function resolveSpec<Spec extends TaskSpec>(
  spec: Spec,
  means: TargetMeans,
): Promise<Spec | undefined> {
  const { kafkaTarget } = spec as TargetedSpec;
  if (kafkaTarget === undefined || kafkaTarget.resolved !== undefined) return undefined;
  const resolved = await resolveTarget(kafkaTarget, means);
  return { ...spec, kafkaTarget: { ...kafkaTarget, resolved } };
}

/** The same for a spec as the coordinator has it. */
export function resolveSpecData(
  spec: SpecData,
  means: TargetMeans,
): Promise<SpecData | undefined> | undefined {
  if (!spec.text.includes('"kafkaTarget"')) return undefined;
  const { taskType, spec: own } = parseTaskSpec(spec.text);
  if ((own as TargetedSpec).kafkaTarget === undefined) return undefined;
  return resolveSpec(own, means).then((resolved) =>
    resolved === undefined ? undefined : { ...spec, text: canonicalTaskSpec(taskType, resolved) },
  );
}

/** A fault has a time to begin: it does not wait for an answer as long as other clients do. */
const bounds = { "request.timeout.ms": "5000", "default.api.timeout.ms": "15000" };

/** None when the spec has bounds of its own, which need not agree with ours. */
function boundsBeside({ commonClientConf, adminClientConf }: KafkaTarget): Record<string, string> {
  const isGiven = Object.keys(bounds).some(
    (key) => commonClientConf.has(key) || adminClientConf.has(key),
  );
  return isGiven ? {} : bounds;
}

async function resolveTarget(target: KafkaTarget, means: TargetMeans): Promise<ResolvedTarget> {
  const [{ resolveConfs }, { viewCluster }, { chooseBrokers }, { nodesOfBrokers }] =
    await Promise.all([
      import("../client-confs/resolve-confs.ts"),
      import("../../kafka/native/cluster-view.ts"),
      import("./choose-brokers.ts"),
      import("./broker-nodes.ts"),
    ]);
  const { commonClientConf, adminClientConf, who, group } = target;
  const own = { "bootstrap.servers": target.bootstrapServers, ...boundsBeside(target) };
  const admin = confLayers(own, { commonClientConf, adminClientConf });
  const { admin: conf } = await resolveConfs({ admin }, "native");
  const topicPartition = parseTopicPartition(target.topicPartition);
  const question = {
    ...(topicPartition === undefined ? {} : { topicPartition }),
    ...(who === "groupCoordinator" ? { group } : {}),
    controllers: who === "activeController" || target.others === "controllers",
  };
  const view = await viewCluster(conf, means, question).catch((cause: unknown) => {
    const message = `kafkaTarget: ${who} was not found: ${errorText(cause)}`;
    throw new TrogdorError("task", message, { cause });
  });
  const chosen = chooseBrokers(target, view, Math.random);
  const { topology, names } = means;
  const nodesOf = (ids: readonly number[]) => nodesOfBrokers(ids, view.brokers, topology, names);
  return {
    brokers: [...chosen.brokers],
    nodes: await nodesOf(chosen.brokers),
    others: await nodesOf(chosen.others),
  };
}
