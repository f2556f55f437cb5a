// The tables of docs/client-configuration.md: every Java key of the producer, the consumer and the
// admin client, made from the table that reads configurations.

import type { Bounds, ConfigKey } from "../../src/kafka/conf/config-key.ts";
import { clientKeys } from "../../src/kafka/conf/keys/client-keys.ts";
import { consumerKeys } from "../../src/kafka/conf/keys/consumer-keys.ts";
import { producerKeys } from "../../src/kafka/conf/keys/producer-keys.ts";
import { securityKeys } from "../../src/kafka/conf/keys/security-keys.ts";

export const clientConfigurationHead = [
  "key",
  "default",
  "values",
  "treatment",
  "what it means here",
];

export type KeyGroupName = "client" | "producer" | "consumer" | "security";

const groups: Readonly<Record<KeyGroupName, readonly ConfigKey[]>> = {
  client: clientKeys,
  producer: producerKeys,
  consumer: consumerKeys,
  security: securityKeys,
};

/** In the order of the treatments, then by name. */
export function clientConfigurationRows(group: KeyGroupName): string[][] {
  const order = ["used", "ignored", "refused"];
  const rank = (key: ConfigKey) => `${order.indexOf(key.treatment)} ${key.name}`;
  return [...groups[group]]
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map((key) => [
      `\`${key.name}\``,
      defaultText(key),
      valuesText(key),
      treatmentText(key),
      sentence(key.note),
    ]);
}

function defaultText(key: ConfigKey): string {
  if (key.default === undefined) return "";
  const own = key.default === "" ? "empty" : `\`${key.default}\``;
  const others = [
    ["consumer", key.consumerDefault],
    ["admin", key.adminDefault],
  ].flatMap(([client, text]) => (text === undefined ? [] : [`, ${client}: \`${text}\``]));
  return own + others.join("");
}

function valuesText({ type, bounds }: ConfigKey): string {
  return bounds === undefined ? type : `${type}, ${boundsText(bounds)}`;
}

function boundsText(bounds: Bounds): string {
  switch (bounds.kind) {
    case "nonEmpty":
      return "not empty";
    case "oneOf":
      return bounds.values.map((value) => `\`${value}\``).join(" ");
    case "rangeOr":
      return `${bounds.min} to ${bounds.max} or ${bounds.or}`;
    case "range":
      return bounds.max === undefined ? `at least ${bounds.min}` : `${bounds.min} to ${bounds.max}`;
  }
}

function treatmentText({ treatment, clients }: ConfigKey): string {
  return clients.length > 1 ? treatment : `${treatment} (${clients[0]})`;
}

function sentence(note: string): string {
  const capital = note.charAt(0).toUpperCase() + note.slice(1);
  return /[.;]$/.test(capital) ? capital : `${capital}.`;
}
