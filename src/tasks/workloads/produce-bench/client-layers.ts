// The layers of client configuration of ProduceBench, the reference's order: what the task itself
// sets, then commonClientConf, then the client's own map. Later layers win.

import type { ProduceBenchSpec } from "./spec.ts";

export interface ClientLayers {
  readonly layers: readonly Readonly<Record<string, string>>[];
  /** Where each layer stands in the spec; "" is the task's own. */
  readonly paths: readonly string[];
}

export function adminLayers(spec: ProduceBenchSpec): ClientLayers {
  const own = { "bootstrap.servers": spec.bootstrapServers, "request.timeout.ms": "25000" };
  return layersOf(own, spec, "adminClientConf");
}

/** `transactionalId` is used only by a spec with a transactionGenerator. */
export function producerLayers(spec: ProduceBenchSpec, transactionalId: string): ClientLayers {
  const own: Record<string, string> = { "bootstrap.servers": spec.bootstrapServers };
  if (spec.transactionGenerator) own["transactional.id"] = transactionalId;
  return layersOf(own, spec, "producerConf");
}

function layersOf(
  own: Readonly<Record<string, string>>,
  spec: ProduceBenchSpec,
  last: "adminClientConf" | "producerConf",
): ClientLayers {
  return {
    layers: [own, toRecord(spec.commonClientConf), toRecord(spec[last])],
    paths: ["", "commonClientConf", last],
  };
}

/** Without a prototype, so that no key is special; an empty value does not reach a client. */
function toRecord(map: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const record: Record<string, string> = Object.create(null);
  for (const [key, value] of map) if (value !== "") record[key] = value;
  return record;
}
