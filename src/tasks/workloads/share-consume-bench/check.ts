// What is wrong with a ShareConsumeBench spec beyond its shape, and its consumers' configuration.

import { errorText, type Problem } from "../../../core/trogdor-error.ts";
import { topicNameProblem } from "../../../spec/topics.ts";
import { checkConfs } from "../../client-confs/check-confs.ts";
import { type ConfLayers, confLayers, namesServers } from "../../client-confs/conf-layers.ts";
import { shareKeyProblems } from "../../client-confs/share-keys.ts";
import { consumerId } from "../../consumption/consumer-id.ts";
import { countProblems } from "../../consumption/count-problems.ts";
import type { ShareConsumeBenchSpec } from "./spec.ts";
import { DEFAULT_GROUP, shareTopics } from "./targets.ts";

export async function checkShareConsumeBench(
  spec: ShareConsumeBenchSpec,
): Promise<readonly Problem[]> {
  const { bootstrapServers, commonClientConf, consumerConf } = spec;
  const hasServers = bootstrapServers.trim() !== "" || namesServers(commonClientConf, consumerConf);
  const consumer = shareLayers(spec, consumerId("task", 0));
  return [
    ...topicProblems(spec),
    ...countProblems(spec),
    ...shareKeyProblems({ commonClientConf, consumerConf }),
    ...(await checkConfs(hasServers, { consumer }, "native")),
  ];
}

function topicProblems(spec: ShareConsumeBenchSpec): Problem[] {
  try {
    return shareTopics(spec).flatMap((name) => {
      const message = topicNameProblem(name);
      return message === undefined ? [] : [{ path: "activeTopics", message }];
    });
  } catch (error) {
    return [{ path: "activeTopics", message: errorText(error) }];
  }
}

export function shareLayers(spec: ShareConsumeBenchSpec, clientId: string): ConfLayers {
  const { commonClientConf, consumerConf } = spec;
  const own = {
    "bootstrap.servers": spec.bootstrapServers,
    "client.id": clientId,
    "group.id": spec.shareGroup === "" ? DEFAULT_GROUP : spec.shareGroup,
    "max.poll.interval.ms": "100000",
  };
  return confLayers(own, { commonClientConf, consumerConf });
}
