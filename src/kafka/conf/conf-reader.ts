// Lays the layers of a client's configuration over each other (later ones win), parses every value
// against the table of keys and collects everything that is wrong or without effect, each with the
// path of the layer it came from.

import type { Problem } from "../../core/trogdor-error.ts";
import type { ConfClient, ConfigKey } from "./config-key.ts";
import { allConfigKeys, configKeysOf, defaultOf } from "./config-keys.ts";
import { type ConfValue, parseValue } from "./parse-value.ts";

export type ConfLayer = Readonly<Record<string, string>>;

export interface ConfOptions {
  /**
   * Where each layer stands in the spec, for messages: `["", "commonClientConf", "producerConf"]`.
   * "" is the task's built-in layer, whose bootstrap.servers are the spec's `bootstrapServers`.
   */
  readonly paths: readonly string[];
  /** False leaves key stores unread, as validating a spec on another machine must. */
  readonly readFiles?: boolean;
}

export interface ConfReader {
  readonly client: ConfClient;
  readonly problems: Problem[];
  readonly warnings: string[];
  /** Whether a layer set the key. */
  isSet(name: string): boolean;
  /** Whether a layer set a key that begins with one of these. */
  isAnySet(...prefixes: string[]): boolean;
  /** Whether all of these keys could be parsed, so that they can be compared. */
  areGood(...names: string[]): boolean;
  /** "" when it is not set and has no default. */
  text(name: string): string;
  number(name: string): number;
  boolean(name: string): boolean;
  list(name: string): readonly string[];
  /** Says that the key's value is wrong, or that it is missing in the layer of another key. */
  fail(name: string, message: string, inLayerOf?: string): void;
  warn(name: string, message: string): void;
}

interface Setting {
  readonly path: string;
  readonly layerPath: string;
  readonly text: string;
  /** Set in the last layer, the client's own, and not in one that other clients share. */
  readonly isOwn: boolean;
}

/** Shared layers may hold another client's keys. */
function isExpected(name: string, isOwn: boolean): boolean {
  if (name.startsWith("config.providers.")) return true;
  return !isOwn && allConfigKeys().some((key) => key.name === name);
}

export function readConf(
  client: ConfClient,
  layers: readonly ConfLayer[],
  options: ConfOptions,
): ConfReader {
  const keys = configKeysOf(client);
  const settings = mergeLayers(layers, options.paths);
  const values = new Map<string, ConfValue>();
  const bad = new Set<string>();
  const problems: Problem[] = [];
  const warnings: string[] = [];

  const pathOf = (name: string, inLayerOf?: string) =>
    settings.get(name)?.path ?? pathIn(settings.get(inLayerOf ?? "")?.layerPath ?? "", name);
  const fail = (name: string, message: string, inLayerOf?: string) => {
    bad.add(name);
    problems.push({ path: pathOf(name, inLayerOf), message });
  };
  const warn = (name: string, message: string) => warnings.push(`${pathOf(name)}: ${message}`);
  const readValue = (name: string): ConfValue => {
    const known = values.get(name);
    if (known !== undefined) return known;
    const key = keys.get(name);
    const text = key === undefined ? undefined : defaultOf(key, client);
    return key === undefined || text === undefined ? "" : (parseValue(key, text).value ?? "");
  };

  for (const [name, { text, isOwn }] of settings) {
    const key = keys.get(name);
    if (key === undefined) {
      if (!isExpected(name, isOwn)) {
        warn(name, `"${name}" is not a known configuration of Kafka's ${client} client`);
      }
      continue;
    }
    const parsed = parseValue(key, text);
    if (parsed.problem === undefined) values.set(name, parsed.value);
    else fail(name, parsed.problem);
  }
  const protocol = String(readValue("security.protocol")).toUpperCase();
  for (const [name, { text }] of settings) {
    const key = keys.get(name);
    if (key !== undefined && !bad.has(name)) treat(key, text.trim(), protocol, { fail, warn });
  }

  return {
    client,
    problems,
    warnings,
    isSet: (name) => settings.has(name),
    isAnySet: (...prefixes) =>
      [...settings.keys()].some((name) => prefixes.some((prefix) => name.startsWith(prefix))),
    areGood: (...names) => names.every((name) => !bad.has(name)),
    text: (name) => String(readValue(name)),
    number: (name) => Number(readValue(name)),
    boolean: (name) => readValue(name) === true,
    list: (name) => {
      const value = readValue(name);
      return Array.isArray(value) ? value : [];
    },
    fail,
    warn,
  };
}

function mergeLayers(layers: readonly ConfLayer[], paths: readonly string[]): Map<string, Setting> {
  const settings = new Map<string, Setting>();
  layers.forEach((layer, index) => {
    const layerPath = paths[index] ?? "";
    for (const [name, text] of Object.entries(layer)) {
      const isOwn = index === layers.length - 1;
      settings.set(name, { path: pathIn(layerPath, name), layerPath, text, isOwn });
    }
  });
  return settings;
}

function pathIn(layerPath: string, name: string): string {
  if (layerPath !== "") return `${layerPath}.${name}`;
  return name === "bootstrap.servers" ? "bootstrapServers" : name;
}

/** Reports a key that has no effect, or one whose effect this program cannot have. */
function treat(
  key: ConfigKey,
  text: string,
  protocol: string,
  report: Pick<ConfReader, "fail" | "warn">,
): void {
  const isTls = protocol.endsWith("SSL");
  const isSasl = protocol.startsWith("SASL");
  if ((key.onlyWith === "tls" && !isTls) || (key.onlyWith === "sasl" && !isSasl)) {
    report.warn(key.name, `has no effect because security.protocol is ${protocol}`);
    return;
  }
  if (key.treatment === "used" || key.harmless?.includes(text)) return;
  if (key.treatment === "ignored") report.warn(key.name, `has no effect: ${key.note}`);
  else report.fail(key.name, `${key.name} is not supported: ${key.note}`);
}
