// What is wrong with a ConsumeBench spec beyond its shape: found before anything is created. Where
// the reference has words for a problem they come first.

import { errorText, type Problem } from "../../../core/trogdor-error.ts";
import { topicNameProblem } from "../../../spec/topics.ts";
import { checkConfs } from "../../client-confs/check-confs.ts";
import { namesServers } from "../../client-confs/conf-layers.ts";
import { consumerId } from "../../consumption/consumer-id.ts";
import { countProblems } from "../../consumption/count-problems.ts";
import { consumerLayers } from "./confs.ts";
import type { ConsumeBenchSpec } from "./spec.ts";
import { type ConsumeTargets, consumeTargets } from "./targets.ts";

export async function checkConsumeBench(spec: ConsumeBenchSpec): Promise<readonly Problem[]> {
  const { bootstrapServers, commonClientConf, consumerConf, consumerGroup } = spec;
  const hasServers = bootstrapServers.trim() !== "" || namesServers(commonClientConf, consumerConf);
  const groupId = consumerGroup === "" ? "consume-bench" : consumerGroup;
  const layers = { consumer: consumerLayers(spec, consumerId("task", 0), groupId) };
  return [
    ...checkTargets(spec),
    ...countProblems(spec),
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
