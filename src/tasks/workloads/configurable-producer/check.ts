// What is wrong with a ConfigurableProducer spec beyond its shape. The same problems end the task
// where it comes over REST.

import type { Problem } from "../../../core/trogdor-error.ts";
import { payloadProblems } from "../../../measure/payload/payload-spec.ts";
import { resolveTopics } from "../../../spec/topics.ts";
import { checkConfs } from "../../client-confs/check-confs.ts";
import { type ConfLayers, confLayers, namesServers } from "../../client-confs/conf-layers.ts";
import { checkTopicMap } from "../../workload-run/topic-checks.ts";
import type { ConfigurableProducerSpec } from "./spec.ts";

export async function checkConfigurableProducer(
  spec: ConfigurableProducerSpec,
): Promise<readonly Problem[]> {
  const { bootstrapServers, commonClientConf, producerConf, adminClientConf } = spec;
  const hasServers =
    bootstrapServers.trim() !== "" ||
    namesServers(commonClientConf) ||
    (namesServers(producerConf) && namesServers(adminClientConf));
  return [
    ...loadProblems(spec),
    ...(await checkConfs(hasServers, { ...clientLayers(spec) }, spec.clientLibrary)),
  ];
}

/** Generators and topic. */
export function loadProblems(spec: ConfigurableProducerSpec): Problem[] {
  const problems: Problem[] = [];
  const missing = (path: string, example: string) =>
    problems.push({ path, message: `is missing: expected a generator, for example ${example}` });
  const { throughputGenerator, keyGenerator, valueGenerator } = spec;
  if (throughputGenerator === undefined) {
    missing("throughputGenerator", '{"type": "constant", "messagesPerWindow": 100}');
  }
  if (keyGenerator === undefined) missing("keyGenerator", '{"type": "sequential", "size": 8}');
  else problems.push(...payloadProblems("keyGenerator", keyGenerator));
  if (valueGenerator === undefined) missing("valueGenerator", '{"type": "constant", "size": 512}');
  else problems.push(...payloadProblems("valueGenerator", valueGenerator));
  return [...problems, ...topicProblems(spec)];
}

function topicProblems({ activeTopic, activePartition }: ConfigurableProducerSpec): Problem[] {
  const problems = checkTopicMap("activeTopic", activeTopic);
  if (problems.length > 0) return problems;
  const [topic, ...others] = resolveTopics(activeTopic);
  if (topic === undefined || others.length > 0) {
    const found = topic === undefined ? "none" : others.length + 1;
    const message = `Can only run against 1 topic. Found ${found}`;
    return [{ path: "activeTopic", message }];
  }
  if (activePartition < -1) {
    const message =
      `Invalid partition: ${activePartition}. ` +
      "Partition number should always be non-negative or null.";
    return [{ path: "activePartition", message }];
  }
  if (activePartition === -1 || topic.partitions.includes(activePartition)) return [];
  const message = `expected a partition of ${topic.name}, found ${activePartition}`;
  return [{ path: "activePartition", message }];
}

export function clientLayers(spec: ConfigurableProducerSpec): {
  readonly admin: ConfLayers;
  readonly producer: ConfLayers;
} {
  const { commonClientConf, producerConf, adminClientConf } = spec;
  const servers = { "bootstrap.servers": spec.bootstrapServers };
  const admin = { ...servers, "request.timeout.ms": "25000" };
  return {
    admin: confLayers(admin, { commonClientConf, adminClientConf }),
    producer: confLayers(servers, { commonClientConf, producerConf }),
  };
}
