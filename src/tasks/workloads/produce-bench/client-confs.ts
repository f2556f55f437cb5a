// The resolved configurations of ProduceBench's clients, and the client library that the spec
// asks for.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { ClientLibrary, KafkaClients } from "../../../kafka/client.ts";
import { resolveAdminConf } from "../../../kafka/conf/resolve-admin-conf.ts";
import { resolveProducerConf } from "../../../kafka/conf/resolve-producer-conf.ts";
import type { AdminConf, ProducerConf } from "../../../kafka/conf/types.ts";
import { adminLayers, producerLayers } from "./client-layers.ts";
import type { ProduceBenchSpec } from "./spec.ts";

export interface ClientConfs {
  readonly admin: AdminConf;
  readonly producer: ProducerConf;
  readonly warnings: readonly string[];
}

/** Rejects with everything that is wrong. `uuid` makes the transactional.id this worker's own. */
export async function resolveClientConfs(
  spec: ProduceBenchSpec,
  uuid: string,
): Promise<ClientConfs> {
  const adminConf = adminLayers(spec);
  const producerConf = producerLayers(spec, `produce-bench-transaction-id-${uuid}`);
  const admin = await resolveAdminConf(adminConf.layers, adminConf);
  const producer = await resolveProducerConf(producerConf.layers, producerConf);
  if (admin.conf === undefined || producer.conf === undefined) {
    const problems = [...admin.problems, ...producer.problems];
    const messages = new Set(problems.map((problem) => problem.message));
    throw new TrogdorError("configuration", [...messages].join("; "), { problems });
  }
  const warnings = [...new Set([...admin.warnings, ...producer.warnings])];
  return { admin: admin.conf, producer: producer.conf, warnings };
}

/** Imported on demand: each library costs start-up time. */
export async function loadClients(library: ClientLibrary): Promise<KafkaClients> {
  if (library === "kafkajs") {
    return (await import("../../../kafka/kafkajs/clients.ts")).kafkajsClients;
  }
  return (await import("../../../kafka/native/clients.ts")).nativeClients;
}
