// What is wrong with a ProduceBench spec beyond its shape: found before anything is created. Where
// the reference has words for a problem they come first.

import type { Problem } from "../../../core/trogdor-error.ts";
import { payloadProblems } from "../../../measure/payload/payload-spec.ts";
import { checkConfs } from "../../client-confs/check-confs.ts";
import { namesServers } from "../../client-confs/conf-layers.ts";
import { checkTopicMaps, negative, overlapProblems } from "../../workload-run/topic-checks.ts";
import { adminLayers, producerLayers } from "./client-layers.ts";
import type { ProduceBenchSpec } from "./spec.ts";

export async function checkProduceBench(spec: ProduceBenchSpec): Promise<readonly Problem[]> {
  return [
    ...checkTopics(spec),
    ...checkNumbers(spec),
    ...payloadProblems("keyGenerator", spec.keyGenerator),
    ...payloadProblems("valueGenerator", spec.valueGenerator),
    ...(await checkClients(spec)),
  ];
}

function checkTopics({ activeTopics, inactiveTopics }: ProduceBenchSpec): Problem[] {
  const problems = checkTopicMaps({ activeTopics, inactiveTopics }, "activeTopics");
  return problems.length > 0
    ? problems
    : overlapProblems(["activeTopics", activeTopics], ["inactiveTopics", inactiveTopics]);
}

function checkNumbers(spec: ProduceBenchSpec): Problem[] {
  const problems: Problem[] = [];
  if (spec.targetMessagesPerSec < 0) {
    const message = negative(spec.targetMessagesPerSec, "10 a second");
    problems.push({ path: "targetMessagesPerSec", message });
  }
  if (spec.maxMessages < 0n) {
    const message = `expected the number of messages to send, found ${spec.maxMessages}`;
    problems.push({ path: "maxMessages", message });
  }
  if (spec.durationMs > 0 && spec.warmupMs >= BigInt(spec.durationMs)) {
    const message = `expected less than durationMs (${spec.durationMs}), found ${spec.warmupMs}`;
    problems.push({ path: "warmupMs", message });
  }
  return problems;
}

async function checkClients(spec: ProduceBenchSpec): Promise<readonly Problem[]> {
  const { bootstrapServers, commonClientConf, producerConf, adminClientConf } = spec;
  const hasServers =
    bootstrapServers.trim() !== "" ||
    namesServers(commonClientConf) ||
    (namesServers(producerConf) && namesServers(adminClientConf));
  const producer = producerLayers(spec, "produce-bench-transaction-id");
  return await checkConfs(hasServers, { admin: adminLayers(spec), producer }, spec.clientLibrary);
}
