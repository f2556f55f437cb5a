// What is wrong with a RoundTripWorkload spec beyond its shape: found before anything is created.
// Where the reference has words for a problem they come first.

import type { Problem } from "../../../core/trogdor-error.ts";
import { payloadProblems } from "../../../measure/payload/payload-spec.ts";
import { resolveTopics } from "../../../spec/topics.ts";
import { namedNodes } from "../../../spec/types/node-names.ts";
import { checkConfs } from "../../client-confs/check-confs.ts";
import { namesServers } from "../../client-confs/conf-layers.ts";
import { checkTopicMaps } from "../../workload-run/topic-checks.ts";
import { roundTripLayers } from "./confs.ts";
import type { RoundTripSpec } from "./spec.ts";

/** A key is a number of 4 bytes, which the Java Trogdor reads with a sign. */
export const ROUND_TRIPS_MAX = 2n ** 31n;

export async function checkRoundTrip(spec: RoundTripSpec): Promise<readonly Problem[]> {
  const { bootstrapServers, commonClientConf, producerConf, adminClientConf, consumerConf } = spec;
  const own = [producerConf, adminClientConf, consumerConf];
  const hasServers =
    bootstrapServers.trim() !== "" ||
    namesServers(commonClientConf) ||
    own.every((map) => namesServers(map));
  return [
    ...checkRoundTripFields(spec),
    ...(await checkConfs(hasServers, { ...roundTripLayers(spec, "task") }, spec.clientLibrary)),
  ];
}

type Fields = Pick<
  RoundTripSpec,
  "activeTopics" | "clientNode" | "maxMessages" | "targetMessagesPerSec" | "valueGenerator"
>;

export function checkRoundTripFields(spec: Fields): Problem[] {
  const { activeTopics } = spec;
  const topicProblems = checkTopicMaps({ activeTopics }, "activeTopics");
  return [
    ...topicProblems,
    ...(topicProblems.length > 0 ? [] : shareProblems(spec)),
    ...numberProblems(spec),
    ...payloadProblems("valueGenerator", spec.valueGenerator),
  ];
}

/** Several nodes share the partitions out, so that each knows its own messages. */
function shareProblems({ activeTopics, clientNode }: Fields): Problem[] {
  const nodes = namedNodes(clientNode).length;
  const partitions = resolveTopics(activeTopics).reduce(
    (sum, topic) => sum + topic.partitions.length,
    0,
  );
  if (partitions >= nodes) return [];
  const message = `expected at most ${partitions} nodes, one for each partition, found ${nodes}`;
  return [{ path: "clientNode", message }];
}

function numberProblems({ targetMessagesPerSec, maxMessages }: Fields): Problem[] {
  const problems: Problem[] = [];
  if (targetMessagesPerSec <= 0) {
    const message = `Can't have targetMessagesPerSec <= 0. Found ${targetMessagesPerSec}`;
    problems.push({ path: "targetMessagesPerSec", message });
  }
  if (maxMessages < 0n || maxMessages > ROUND_TRIPS_MAX) {
    const message = `expected 0 to ${ROUND_TRIPS_MAX} messages, found ${maxMessages}`;
    problems.push({ path: "maxMessages", message });
  }
  return problems;
}
