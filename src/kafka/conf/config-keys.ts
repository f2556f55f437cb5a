// The whole table of Java configuration keys, and the part of it that one client knows.

import type { ConfClient, ConfigKey } from "./config-key.ts";
import { clientKeys } from "./keys/client-keys.ts";
import { consumerKeys } from "./keys/consumer-keys.ts";
import { producerKeys } from "./keys/producer-keys.ts";
import { securityKeys } from "./keys/security-keys.ts";

export function allConfigKeys(): ConfigKey[] {
  return [...clientKeys, ...producerKeys, ...consumerKeys, ...securityKeys];
}

/** By name, in the order of the table. */
export function configKeysOf(client: ConfClient): Map<string, ConfigKey> {
  return new Map(
    allConfigKeys()
      .filter((key) => key.clients.includes(client))
      .map((key) => [key.name, key]),
  );
}

export function defaultOf(key: ConfigKey, client: ConfClient): string | undefined {
  switch (client) {
    case "admin":
      return key.adminDefault ?? key.default;
    case "consumer":
      return key.consumerDefault ?? key.default;
    case "producer":
      return key.default;
  }
}
