// The configuration layers of ProduceBench's clients.

import { type ConfLayers, confLayers } from "../../client-confs/conf-layers.ts";
import type { ProduceBenchSpec } from "./spec.ts";

export function adminLayers(spec: ProduceBenchSpec): ConfLayers {
  const { commonClientConf, adminClientConf } = spec;
  const own = { "bootstrap.servers": spec.bootstrapServers, "request.timeout.ms": "25000" };
  return confLayers(own, { commonClientConf, adminClientConf });
}

/** `transactionalId` is used only by a spec with a transactionGenerator. */
export function producerLayers(spec: ProduceBenchSpec, transactionalId: string): ConfLayers {
  const { commonClientConf, producerConf } = spec;
  const own: Record<string, string> = { "bootstrap.servers": spec.bootstrapServers };
  if (spec.transactionGenerator) own["transactional.id"] = transactionalId;
  return confLayers(own, { commonClientConf, producerConf });
}
