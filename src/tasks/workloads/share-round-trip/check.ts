// What is wrong with a ShareRoundTripWorkload spec beyond its shape, and its clients'
// configuration.

import type { Problem } from "../../../core/trogdor-error.ts";
import { namedNodes } from "../../../spec/types/node-names.ts";
import { checkConfs } from "../../client-confs/check-confs.ts";
import {
  type ConfLayers,
  confLayers,
  namesServers,
  withFinal,
} from "../../client-confs/conf-layers.ts";
import { shareKeyProblems } from "../../client-confs/share-keys.ts";
import { checkRoundTripFields } from "../round-trip/check.ts";
import { roundTripLayers } from "../round-trip/confs.ts";
import type { ShareRoundTripSpec } from "./spec.ts";

export async function checkShareRoundTrip(spec: ShareRoundTripSpec): Promise<readonly Problem[]> {
  const { bootstrapServers, commonClientConf, producerConf, adminClientConf, consumerConf } = spec;
  const own = [producerConf, adminClientConf, consumerConf];
  const hasServers =
    bootstrapServers.trim() !== "" ||
    namesServers(commonClientConf) ||
    own.every((map) => namesServers(map));
  return [
    ...checkRoundTripFields(spec),
    ...ownProblems(spec),
    ...(await checkConfs(hasServers, { ...shareRoundTripLayers(spec, "task") }, "native")),
  ];
}

/** What only share groups ask for. */
export function ownProblems(spec: ShareRoundTripSpec): Problem[] {
  const { commonClientConf, consumerConf } = spec;
  const problems = shareKeyProblems({ commonClientConf, consumerConf });
  if (namedNodes(spec.clientNode).length > 1) {
    const message = "expected one node: the members of a share group share all partitions";
    problems.push({ path: "clientNode", message });
  }
  if (spec.clientLibrary !== "native") {
    const message = 'kafkajs has no share groups; use "clientLibrary": "native"';
    problems.push({ path: "clientLibrary", message });
  }
  return problems;
}

export function groupOf(taskId: string): string {
  return `round-trip-share-group-${taskId}`;
}

/** As RoundTripWorkload's, without the setting that share consumers refuse. */
export function shareRoundTripLayers(
  spec: ShareRoundTripSpec,
  taskId: string,
): { readonly admin: ConfLayers; readonly producer: ConfLayers; readonly consumer: ConfLayers } {
  const { commonClientConf, consumerConf } = spec;
  const { admin, producer } = roundTripLayers(spec, taskId);
  const own = {
    "bootstrap.servers": spec.bootstrapServers,
    "client.id": `consumer.${taskId}`,
    "request.timeout.ms": "105000",
    "max.poll.interval.ms": "100000",
  };
  const consumer = withFinal(confLayers(own, { commonClientConf, consumerConf }), {
    "group.id": groupOf(taskId),
  });
  return { admin, producer, consumer };
}
