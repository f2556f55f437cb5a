// From the layers of a workload's clients to their resolved configurations: everything that is
// wrong with any of them comes at once, also what the client library cannot do.

import { type Problem, TrogdorError } from "../../core/trogdor-error.ts";
import type { ClientLibrary } from "../../kafka/client.ts";
import { resolveAdminConf } from "../../kafka/conf/resolve-admin-conf.ts";
import { resolveConsumerConf } from "../../kafka/conf/resolve-consumer-conf.ts";
import { resolveProducerConf } from "../../kafka/conf/resolve-producer-conf.ts";
import type { AdminConf, ConfResult, ConsumerConf, ProducerConf } from "../../kafka/conf/types.ts";
import { kafkajsLimits } from "../../kafka/kafkajs/limits.ts";
import type { ConfLayers } from "./conf-layers.ts";

/** Which clients a workload has, each with its layers. */
export interface ClientLayers {
  readonly admin?: ConfLayers;
  readonly producer?: ConfLayers;
  readonly consumer?: ConfLayers;
}

interface ConfOfClient {
  readonly admin: AdminConf;
  readonly producer: ProducerConf;
  readonly consumer: ConsumerConf;
}

/** The resolved configurations of exactly the clients that were given. */
export type ResolvedConfs<Layers extends ClientLayers> = {
  readonly [Client in keyof Layers & keyof ConfOfClient]: ConfOfClient[Client];
} & { readonly warnings: readonly string[] };

interface Resolution {
  readonly confs: { readonly [client: string]: unknown };
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Rejects with everything that is wrong. Reads key stores. */
export async function resolveConfs<const Layers extends ClientLayers>(
  layers: Layers,
  library: ClientLibrary,
): Promise<ResolvedConfs<Layers>> {
  const { confs, problems, warnings } = await resolve(layers, library, true);
  if (problems.length > 0) {
    const messages = new Set(problems.map((problem) => problem.message));
    throw new TrogdorError("configuration", [...messages].join("; "), { problems });
  }
  return { ...confs, warnings } as ResolvedConfs<Layers>;
}

/** Before the start; key stores stay unread: a spec may be checked on another machine. */
export async function confProblems(
  layers: ClientLayers,
  library: ClientLibrary,
): Promise<readonly Problem[]> {
  return (await resolve(layers, library, false)).problems;
}

async function resolve(
  layers: ClientLayers,
  library: ClientLibrary,
  readFiles: boolean,
): Promise<Resolution> {
  const results = new Map<string, ConfResult<AdminConf | ProducerConf | ConsumerConf>>();
  const { admin, producer, consumer } = layers;
  if (admin !== undefined) {
    results.set("admin", await resolveAdminConf(admin.layers, { ...admin, readFiles }));
  }
  if (producer !== undefined) {
    results.set("producer", await resolveProducerConf(producer.layers, { ...producer, readFiles }));
  }
  if (consumer !== undefined) {
    results.set("consumer", await resolveConsumerConf(consumer.layers, { ...consumer, readFiles }));
  }
  const problems: Problem[] = [];
  const warnings: string[] = [];
  for (const { conf, ...found } of results.values()) {
    problems.push(...found.problems);
    warnings.push(...found.warnings);
    if (library !== "kafkajs" || conf === undefined) continue;
    const limits = kafkajsLimits(conf);
    problems.push(...limits.problems);
    warnings.push(...limits.warnings);
  }
  return {
    confs: Object.fromEntries([...results].map(([client, { conf }]) => [client, conf])),
    problems: withoutRepetitions(problems),
    warnings: [...new Set(warnings)],
  };
}

/** Several clients complain about what they share. */
function withoutRepetitions(problems: readonly Problem[]): Problem[] {
  const byText = new Map(
    problems.map((problem) => [`${problem.path}: ${problem.message}`, problem]),
  );
  return [...byText.values()];
}
