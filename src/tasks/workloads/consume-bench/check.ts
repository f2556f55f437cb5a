// What is wrong with a ConsumeBench spec beyond its shape: found before anything is created. Where
// the reference has words for a problem they come first.

import { errorText, type Problem } from "../../../core/trogdor-error.ts";
import { topicNameProblem } from "../../../spec/topics.ts";
import { checkConfs } from "../../client-confs/check-confs.ts";
import { namesServers } from "../../client-confs/conf-layers.ts";
import { consumerId, consumerLayers } from "./confs.ts";
import type { ConsumeBenchSpec } from "./spec.ts";
import { type ConsumeTargets, consumeTargets } from "./targets.ts";

/** Each consumer has connections of its own and a place in the status. */
export const CONSUMERS_MAX = 1000;

export async function checkConsumeBench(spec: ConsumeBenchSpec): Promise<readonly Problem[]> {
  const { bootstrapServers, commonClientConf, consumerConf, consumerGroup } = spec;
  const hasServers = bootstrapServers.trim() !== "" || namesServers(commonClientConf, consumerConf);
  const groupId = consumerGroup === "" ? "consume-bench" : consumerGroup;
  const layers = { consumer: consumerLayers(spec, consumerId("task", 0), groupId) };
  return [
    ...checkTargets(spec),
    ...checkNumbers(spec),
    ...(await checkConfs(hasServers, layers, spec.clientLibrary)),
  ];
}

function checkTargets(spec: ConsumeBenchSpec): Problem[] {
  let targets: ConsumeTargets;
  try {
    targets = consumeTargets(spec);
  } catch (error) {
    const path = errorText(error).startsWith("You may not") ? "consumerGroup" : "activeTopics";
    const example = spec.activeTopics.length > 0 ? "" : '. For example: "activeTopics": ["foo"]';
    return [{ path, message: `${errorText(error)}${example}` }];
  }
  return [...targets.topics.keys()].flatMap((name) => {
    const message = topicNameProblem(name);
    return message === undefined ? [] : [{ path: "activeTopics", message }];
  });
}

function checkNumbers(spec: ConsumeBenchSpec): Problem[] {
  const problems: Problem[] = [];
  if (spec.maxMessages < 0n) {
    const message = `expected the number of messages to take, found ${spec.maxMessages}`;
    problems.push({ path: "maxMessages", message });
  }
  if (spec.threadsPerWorker < 0 || spec.threadsPerWorker > CONSUMERS_MAX) {
    const message = `expected 1 to ${CONSUMERS_MAX} consumers, found ${spec.threadsPerWorker}`;
    problems.push({ path: "threadsPerWorker", message });
  }
  return problems;
}
