// The table of keys itself. That its names, types, defaults and bounds are those of Kafka 4.1 was
// taken from the Java client; here stands what must hold of any row.

import { describe, expect, test } from "bun:test";
import { allConfigKeys, configKeysOf, defaultOf } from "./config-keys.ts";
import { parseValue } from "./parse-value.ts";

describe("the table of keys", () => {
  test("has every key of the Java clients 4.1, and config.providers", () => {
    expect(configKeysOf("producer").size).toBe(112 + 1);
    expect(configKeysOf("consumer").size).toBe(115 + 1);
    expect(configKeysOf("admin").size).toBe(90 + 1);
  });

  test("names each key once for each client", () => {
    for (const client of ["producer", "consumer", "admin"] as const) {
      const own = allConfigKeys().filter((key) => key.clients.includes(client));
      expect(own.length).toBe(configKeysOf(client).size);
    }
  });

  test("has defaults that are valid values", () => {
    for (const client of ["producer", "consumer", "admin"] as const) {
      for (const key of configKeysOf(client).values()) {
        const text = defaultOf(key, client);
        if (text !== undefined) expect(parseValue(key, text).problem).toBeUndefined();
      }
    }
  });

  test("says of every key what it means here", () => {
    for (const key of allConfigKeys()) expect(key.note).not.toBe("");
  });
});
