// What is wrong with a SustainedConnection spec beyond its shape. The same problems end the task
// where it comes over REST.

import type { Problem } from "../../../core/trogdor-error.ts";
import { payloadProblems } from "../../../measure/payload/payload-spec.ts";
import { topicNameProblem } from "../../../spec/topics.ts";
import { checkConfs } from "../../client-confs/check-confs.ts";
import { type ConfLayers, confLayers, namesServers } from "../../client-confs/conf-layers.ts";
import type { SustainedConnectionSpec } from "./spec.ts";

/** More sockets than a process may open by default. */
export const CONNECTIONS_MAX = 10_000;

export async function checkSustainedConnection(
  spec: SustainedConnectionSpec,
): Promise<readonly Problem[]> {
  const { bootstrapServers, commonClientConf } = spec;
  const hasServers = bootstrapServers.trim() !== "" || namesServers(commonClientConf);
  return [
    ...connectionProblems(spec),
    ...(await checkConfs(hasServers, { ...sustainedLayers(spec) }, spec.clientLibrary)),
  ];
}

/** Counts, and what the connections that are asked for need. */
export function connectionProblems(spec: SustainedConnectionSpec): Problem[] {
  const { producerConnectionCount, consumerConnectionCount, topicName } = spec;
  const problems = countProblems(spec);
  const hasProducers = producerConnectionCount > 0;
  if (hasProducers || consumerConnectionCount > 0) {
    const message =
      topicName === "" ? "is missing: expected a topic that exists" : topicNameProblem(topicName);
    if (message !== undefined) problems.push({ path: "topicName", message });
  }
  for (const path of ["keyGenerator", "valueGenerator"] as const) {
    const generator = spec[path];
    if (generator !== undefined) problems.push(...payloadProblems(path, generator));
    else if (hasProducers) {
      const message = 'is missing: producers need a generator, for example {"type": "null"}';
      problems.push({ path, message });
    }
  }
  return problems;
}

function countProblems(spec: SustainedConnectionSpec): Problem[] {
  const problems: Problem[] = [];
  let total = 0;
  for (const path of [
    "producerConnectionCount",
    "consumerConnectionCount",
    "metadataConnectionCount",
  ] as const) {
    total += Math.max(0, spec[path]);
    if (spec[path] >= 0) continue;
    problems.push({ path, message: `expected a number of connections, found ${spec[path]}` });
  }
  if (total > CONNECTIONS_MAX) {
    const message = `expected at most ${CONNECTIONS_MAX} connections in all, found ${total}`;
    problems.push({ path: "producerConnectionCount", message });
  }
  return problems;
}

export function sustainedLayers(spec: SustainedConnectionSpec): {
  readonly producer: ConfLayers;
  readonly consumer: ConfLayers;
  readonly admin: ConfLayers;
} {
  const { commonClientConf, producerConf, consumerConf } = spec;
  const servers = { "bootstrap.servers": spec.bootstrapServers };
  const consumer = {
    ...servers,
    "auto.offset.reset": "latest",
    "max.poll.records": "1",
    "fetch.max.bytes": "1024",
  };
  return {
    producer: confLayers(servers, { commonClientConf, producerConf }),
    consumer: confLayers(consumer, { commonClientConf, consumerConf }),
    admin: confLayers(servers, { commonClientConf }),
  };
}
