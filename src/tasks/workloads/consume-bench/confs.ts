// The configuration layers of ConsumeBench's consumers.

import { type ConfLayers, confLayers } from "../../client-confs/conf-layers.ts";
import type { ConsumeBenchSpec } from "./spec.ts";

export function consumerLayers(
  spec: ConsumeBenchSpec,
  clientId: string,
  groupId: string,
): ConfLayers {
  const { commonClientConf, consumerConf } = spec;
  const own = {
    "bootstrap.servers": spec.bootstrapServers,
    "client.id": clientId,
    "group.id": groupId,
    "auto.offset.reset": "earliest",
    "max.poll.interval.ms": "100000",
  };
  return confLayers(own, { commonClientConf, consumerConf });
}
