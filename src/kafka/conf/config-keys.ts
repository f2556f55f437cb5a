// The whole table of Java configuration keys, and the part of it that one client knows.

import type { ConfClient, ConfigKey } from "./config-key.ts";
import { clientKeys } from "./keys/client-keys.ts";
import { producerKeys } from "./keys/producer-keys.ts";
import { securityKeys } from "./keys/security-keys.ts";

export function allConfigKeys(): ConfigKey[] {
  return [...clientKeys, ...producerKeys, ...securityKeys];
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
  return client === "admin" ? (key.adminDefault ?? key.default) : key.default;
}
