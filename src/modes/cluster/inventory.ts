// The nodes of a cluster and how SSH reaches each: from a cluster file of ducktape, or from a
// trogdor.conf, whose host names SSH then dials. Every problem of the file is told at once.

import { basename } from "node:path";
import type { Topology } from "../../core/topology.ts";
import { errorText, type Problem, TrogdorError } from "../../core/trogdor-error.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../spec/json.ts";
import { parseTopologyConf } from "../../spec/topology-conf.ts";
import { readTextFile } from "../read-spec.ts";

export interface SshAddress {
  readonly hostname: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
  readonly identityFile: string | undefined;
}

export interface ClusterNode {
  readonly name: string;
  readonly ssh: SshAddress;
  /** Where the daemons are reached. */
  readonly hostname: string;
  readonly agentPort: number | undefined;
  readonly coordinatorPort: number | undefined;
}

export interface Inventory {
  readonly path: string;
  readonly nodes: readonly ClusterNode[];
  readonly coordinator: ClusterNode;
  /** trogdor.conf as it goes to every node. */
  readonly confText: string;
}

export interface InventoryRequest {
  readonly clusterPath: string | undefined;
  readonly configPath: string | undefined;
  /** The node of the coordinator, in a cluster file. */
  readonly coordinator: string | undefined;
  readonly agentPort: number;
  readonly coordinatorPort: number;
}

export async function readInventory(request: InventoryRequest): Promise<Inventory> {
  const { clusterPath, configPath } = request;
  if ((clusterPath === undefined) === (configPath === undefined)) {
    throw new TrogdorError(
      "usage",
      "Give one of --cluster FILE (a cluster file of ducktape) and --config CONF (a trogdor.conf)",
    );
  }
  const path = clusterPath ?? configPath!;
  const text = await readTextFile(path, "configuration");
  const inventory =
    clusterPath === undefined
      ? fromTopology(path, text, parseTopologyConf(text, path))
      : fromClusterFile(path, text, request);
  refuseTwins(inventory);
  return inventory;
}

function fromTopology(path: string, text: string, topology: Topology): Inventory {
  const nodes = [...topology.nodes.values()].map((node): ClusterNode => {
    const port = (role: string) => {
      const value = Number(node.settings.get(`trogdor.${role}.port`) ?? 0);
      return value > 0 ? value : undefined;
    };
    return {
      name: node.name,
      hostname: node.hostname,
      ssh: { hostname: node.hostname, user: undefined, port: undefined, identityFile: undefined },
      agentPort: port("agent"),
      coordinatorPort: port("coordinator"),
    };
  });
  const used = nodes.filter((node) => (node.agentPort ?? node.coordinatorPort) !== undefined);
  const coordinators = used.filter((node) => node.coordinatorPort !== undefined);
  if (coordinators.length !== 1) {
    const found = coordinators.map(({ name }) => name).join(", ") || "none";
    throw invalid(path, `one node needs a trogdor.coordinator.port; there are: ${found}`);
  }
  return { path, nodes: used, coordinator: coordinators[0]!, confText: text };
}

function fromClusterFile(path: string, text: string, request: InventoryRequest): Inventory {
  const root = parseNamed(path, text);
  const entries = isJsonObject(root) ? root["nodes"] : undefined;
  if (!Array.isArray(entries) || entries.length === 0) {
    throw invalid(path, 'expected {"nodes": [...]} with one entry or more, as ducktape writes it');
  }
  const problems: Problem[] = [];
  const read = entries.map((entry, index) => readEntry(entry, `nodes[${index}]`, problems));
  if (problems.length > 0) {
    throw new TrogdorError("configuration", `${path} is not a cluster file`, { problems });
  }
  const wanted = request.coordinator ?? read[0]!.name;
  const nodes = read.map((node) => ({
    ...node,
    agentPort: request.agentPort,
    coordinatorPort: node.name === wanted ? request.coordinatorPort : undefined,
  }));
  const coordinator = nodes.find(({ name }) => name === wanted);
  if (coordinator === undefined) {
    const known = nodes.map(({ name }) => name).join(", ");
    throw invalid(path, `--coordinator ${wanted} is none of its nodes: ${known}`);
  }
  return { path, nodes, coordinator, confText: confText(nodes) };
}

function parseNamed(path: string, text: string): JsonValue {
  try {
    return parseJson(text, { code: "configuration" });
  } catch (error) {
    throw invalid(path, errorText(error));
  }
}

type Reached = Pick<ClusterNode, "name" | "ssh" | "hostname">;

function readEntry(entry: JsonValue, path: string, problems: Problem[]): Reached {
  const ssh = isJsonObject(entry) ? entry["ssh_config"] : undefined;
  const settings: JsonObject = isJsonObject(ssh) ? ssh : {};
  const text = (name: string) => {
    const value = settings[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const hostname = text("hostname") ?? text("host");
  if (hostname === undefined) {
    const message = "is missing; expected the name that ssh dials";
    problems.push({ path: `${path}.ssh_config.hostname`, message });
  }
  if (text("password") !== undefined) {
    const message = "is set; passwords are not used, let ssh know a key or an agent";
    problems.push({ path: `${path}.ssh_config.password`, message });
  }
  const port = Number(String(settings["port"] ?? 22));
  const routable = isJsonObject(entry) ? entry["externally_routable_ip"] : undefined;
  return {
    name: text("host") ?? hostname ?? "",
    hostname: typeof routable === "string" && routable !== "" ? routable : (hostname ?? ""),
    ssh: {
      hostname: hostname ?? "",
      user: text("user"),
      port: port === 22 ? undefined : port,
      identityFile: text("identityfile"),
    },
  };
}

function confText(nodes: readonly ClusterNode[]): string {
  const entries = nodes.map(({ name, hostname, agentPort, coordinatorPort }) => [
    name,
    {
      hostname,
      ...(agentPort === undefined ? {} : { "trogdor.agent.port": agentPort }),
      ...(coordinatorPort === undefined ? {} : { "trogdor.coordinator.port": coordinatorPort }),
    },
  ]);
  const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
  return `${JSON.stringify({ platform, nodes: Object.fromEntries(entries) }, null, 2)}\n`;
}

/** Two daemons on one port of one machine, or two nodes of one name. */
function refuseTwins({ path, nodes }: Inventory): void {
  const seen = new Map<string, string>();
  const problems: string[] = [];
  for (const { name, hostname, agentPort, coordinatorPort } of nodes) {
    const keys = [`name ${name}`];
    for (const port of [agentPort, coordinatorPort]) {
      if (port !== undefined) keys.push(`${hostname}:${port}`);
    }
    for (const key of keys) {
      const other = seen.get(key);
      if (other !== undefined) problems.push(`${key} stands there twice (${other} and ${name})`);
      seen.set(key, name);
    }
  }
  if (problems.length > 0) throw invalid(path, problems.join("; "));
}

function invalid(path: string, problem: string): TrogdorError {
  return new TrogdorError("configuration", `${basename(path)}: ${problem}`);
}
