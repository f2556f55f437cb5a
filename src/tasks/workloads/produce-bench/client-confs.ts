// The resolved configurations of ProduceBench's clients, what is wrong with them, and the client
// library that the spec asks for.

import { type Problem, TrogdorError } from "../../../core/trogdor-error.ts";
import type { ClientLibrary, KafkaClients } from "../../../kafka/client.ts";
import { resolveAdminConf } from "../../../kafka/conf/resolve-admin-conf.ts";
import { resolveProducerConf } from "../../../kafka/conf/resolve-producer-conf.ts";
import type { AdminConf, ProducerConf } from "../../../kafka/conf/types.ts";
import { type KafkajsLimits, kafkajsLimits } from "../../../kafka/kafkajs/limits.ts";
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
    throw refusal([...admin.problems, ...producer.problems]);
  }
  const limits = libraryLimits(spec.clientLibrary, admin.conf, producer.conf);
  if (limits.problems.length > 0) throw refusal(limits.problems);
  const warnings = new Set([...admin.warnings, ...producer.warnings, ...limits.warnings]);
  return { admin: admin.conf, producer: producer.conf, warnings: [...warnings] };
}

/**
 * What is wrong with the clients' settings, before the start. Key stores stay unread: a spec may be
 * checked on another machine than it runs on.
 */
export async function clientProblems(spec: ProduceBenchSpec): Promise<readonly Problem[]> {
  const adminConf = adminLayers(spec);
  const producerConf = producerLayers(spec, "produce-bench-transaction-id");
  const admin = await resolveAdminConf(adminConf.layers, { ...adminConf, readFiles: false });
  const producer = await resolveProducerConf(producerConf.layers, {
    ...producerConf,
    readFiles: false,
  });
  const limits = libraryLimits(spec.clientLibrary, admin.conf, producer.conf);
  return [...admin.problems, ...producer.problems, ...limits.problems];
}

/** What the library cannot do of configurations that are right in themselves. */
function libraryLimits(
  library: ClientLibrary,
  ...confs: readonly (AdminConf | ProducerConf | undefined)[]
): KafkajsLimits {
  const limits =
    library === "kafkajs" ? confs.flatMap((conf) => (conf ? [kafkajsLimits(conf)] : [])) : [];
  return {
    problems: limits.flatMap(({ problems }) => problems),
    warnings: limits.flatMap(({ warnings }) => warnings),
  };
}

function refusal(problems: readonly Problem[]): TrogdorError {
  const messages = new Set(problems.map((problem) => problem.message));
  return new TrogdorError("configuration", [...messages].join("; "), { problems });
}

/** Imported on demand: each library costs start-up time. */
export async function loadClients(library: ClientLibrary): Promise<KafkaClients> {
  if (library === "kafkajs") {
    return (await import("../../../kafka/kafkajs/clients.ts")).kafkajsClients;
  }
  return (await import("../../../kafka/native/clients.ts")).nativeClients;
}
