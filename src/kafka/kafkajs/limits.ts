// What kafkajs cannot do of a configuration: problems where something else than asked for would be
// sent, warnings where a setting has no effect. Knows kafkajs without loading it.

import { isIPv6 } from "node:net";
import type { Problem } from "../../core/trogdor-error.ts";
import type { ConnectionConf, ConsumerConf, ProducerConf } from "../conf/types.ts";
import { addConsumerLimits } from "./consumer-limits.ts";

export interface KafkajsLimits {
  /** Their path is `clientLibrary`, since another library is one way out. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** For a producer's configuration, a consumer's, or an admin client's. */
export function kafkajsLimits(conf: ConnectionConf | ProducerConf | ConsumerConf): KafkajsLimits {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const { host } of conf.bootstrapServers) {
    if (isIPv6(host)) {
      problems.push(`kafkajs cannot connect to the IPv6 address ${host} in bootstrap.servers`);
    }
  }
  const isSet = (name: string, value: number, standard: number) => {
    if (value === standard) return;
    warnings.push(`clientLibrary: kafkajs has no ${name}, so ${value} has no effect`);
  };
  isSet("reconnect.backoff.ms", conf.reconnectBackoffMs, 50);
  isSet("reconnect.backoff.max.ms", conf.reconnectBackoffMaxMs, 1000);
  if ("acks" in conf) addProducerLimits(conf, problems, warnings);
  if ("offsetReset" in conf) addConsumerLimits(conf, problems, warnings);
  return {
    problems: problems.map((message) => ({
      path: "clientLibrary",
      message: `${message}; use "clientLibrary": "native"`,
    })),
    warnings,
  };
}

function addProducerLimits(conf: ProducerConf, problems: string[], warnings: string[]): void {
  if (!["none", "gzip"].includes(conf.compression)) {
    problems.push(
      `kafkajs has no codec for compression.type ${conf.compression}, only none and gzip`,
    );
  }
  if (conf.compressionLevel !== undefined) {
    warnings.push(
      `clientLibrary: kafkajs has no compression.${conf.compression}.level, so ` +
        `${conf.compressionLevel} has no effect`,
    );
  }
  if (conf.idempotence && ![1, 5].includes(conf.maxInFlight)) {
    warnings.push(
      "clientLibrary: kafkajs sends one request at a time to a broker with " +
        `enable.idempotence, so max.in.flight.requests.per.connection ${conf.maxInFlight} ` +
        "has no effect",
    );
  }
}
