// Reads trogdor.conf, the JSON file that names a cluster's nodes, as the reference does: comments
// are allowed, unknown root members are ignored, settings are kept as text. Reports every problem
// at once, the reference's sentence first where it has one.

import * as v from "valibot";
import type { Topology, TopologyNode } from "../core/topology.ts";
import { type Problem, TrogdorError } from "../core/trogdor-error.ts";
import { isJsonNumber, isJsonObject, type JsonValue, parseJson } from "./json.ts";

/** The only platform that the reference ships; its short name is accepted too. */
const platforms = ["org.apache.kafka.trogdor.basic.BasicPlatform", "BasicPlatform"];

const noPlatform =
  "Expected to find a 'platform' field in the root JSON configuration object, " +
  `with the text "${platforms[0]}"`;
const noNodes =
  "Expected to find a 'nodes' field in the root JSON configuration object, which maps node " +
  "names to objects";

const portKeys = ["trogdor.agent.port", "trogdor.coordinator.port"];
const highestPort = 65_535;

const noObject = "Expected a JSON object with the members 'platform' and 'nodes'";

const confSchema = v.looseObject({
  platform: v.pipe(
    v.string(noPlatform),
    v.check(
      (name) => platforms.includes(name),
      ({ input }) => `"${input}" is no known platform; expected "${platforms[0]}"`,
    ),
  ),
  nodes: v.pipe(
    v.unknown(),
    v.check((nodes) => nodes !== undefined, noNodes),
    v.check(
      (nodes) => nodes === undefined || isJsonObject(nodes),
      "Expected the 'nodes' element to be a JSON object.",
    ),
  ),
});

export function parseTopologyConf(text: string, name: string): Topology {
  const root = parseJson(text, { code: "configuration" });
  if (!isJsonObject(root)) throw new TrogdorError("configuration", `${name}: ${noObject}`);
  const checked = v.safeParse(confSchema, { platform: undefined, nodes: undefined, ...root });
  const problems: Problem[] = (checked.issues ?? []).map((issue) => ({
    path: v.getDotPath(issue) ?? "",
    message: issue.message,
  }));
  const nodes: TopologyNode[] = [];
  const found = root["nodes"];
  if (isJsonObject(found)) {
    for (const [nodeName, value] of Object.entries(found)) {
      nodes.push(readNode(nodeName, value, problems));
    }
  }
  if (problems.length > 0) {
    throw new TrogdorError("configuration", `${name} is not a valid trogdor.conf`, { problems });
  }
  nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { nodes: new Map(nodes.map((node) => [node.name, node])) };
}

/** A node that is not an object counts as one without settings. */
function readNode(name: string, value: JsonValue, problems: Problem[]): TopologyNode {
  const settings = new Map<string, string>();
  let hostname = "localhost";
  let tags: string[] = [];
  for (const [key, setting] of isJsonObject(value) ? Object.entries(value) : []) {
    const path = `nodes.${name}.${key}`;
    if (key === "hostname") hostname = settingText(setting);
    else if (key === "tags") tags = readTags(setting, path, problems);
    else settings.set(key, settingText(setting));
    if (portKeys.includes(key)) checkPort(settingText(setting), path, problems);
  }
  return { name, hostname, tags, settings };
}

function readTags(value: JsonValue, path: string, problems: Problem[]): string[] {
  if (Array.isArray(value)) return value.map(settingText);
  problems.push({ path, message: "Expected the 'tags' field to be an array of strings." });
  return [];
}

function checkPort(text: string, path: string, problems: Problem[]): void {
  if (/^[+-]?\d{1,10}$/.test(text) && Number(text) <= highestPort) return;
  const expected = `expected a whole number up to ${highestPort}`;
  problems.push({ path, message: `For input string: "${text}" (${expected})` });
}

function settingText(value: JsonValue): string {
  if (typeof value === "string") return value;
  if (isJsonNumber(value)) return value.text;
  return typeof value === "object" ? (JSON.stringify(value) ?? "") : String(value);
}
