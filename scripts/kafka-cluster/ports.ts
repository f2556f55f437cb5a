// The ports of a cluster: fixed ones at regular steps, or free ones. Free ports come from below the
// kernel's ephemeral range: a broker that restarts under load must get its port back, and a client
// that reconnects to an unbound ephemeral port can be connected to itself.

import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { ListenerName } from "./cluster-files.ts";
import { type ClusterOptions, DEFAULT_PORT } from "./options.ts";

const PORTS_PER_BROKER = 10;
const LOWEST_FREE_PORT = 12_000;
const MAX_TRIES = 500;

type BrokerPorts = Partial<Record<ListenerName, number>>;

/** The listeners that these options ask for, in the order of their fixed ports. */
export function listenerNames(options: ClusterOptions): ListenerName[] {
  const names: ListenerName[] = ["PLAINTEXT", "CONTROLLER"];
  if (options.sasl) names.push("SASL_PLAINTEXT");
  if (options.tls) names.push("SSL");
  if (options.sasl && options.tls) names.push("SASL_SSL");
  return names;
}

/** Ports for each broker, checked to be free now. */
export async function choosePorts(options: ClusterOptions): Promise<BrokerPorts[]> {
  const names = listenerNames(options);
  // A namespace of its own has all ports free.
  if (options.netns) {
    const first = options.port === "auto" ? DEFAULT_PORT : options.port;
    return Array.from({ length: options.brokers }, () => namedPorts(names, (at) => first + at));
  }
  if (options.port === "auto") return await chooseFreePorts(options.brokers, names);
  const first = options.port;
  const ports = Array.from({ length: options.brokers }, (_, broker) =>
    namedPorts(names, (index) => first + broker * PORTS_PER_BROKER + index),
  );
  const taken: number[] = [];
  for (const port of ports.flatMap((of) => Object.values(of))) {
    if (!(await isPortFree(port))) taken.push(port);
  }
  if (taken.length > 0) {
    throw new Error(
      `port ${taken.join(", ")} is taken by another program: choose --port N or --port auto`,
    );
  }
  return ports;
}

async function chooseFreePorts(brokers: number, names: ListenerName[]): Promise<BrokerPorts[]> {
  const chosen = new Set<number>();
  const span = firstEphemeralPort() - LOWEST_FREE_PORT;
  for (let tries = 0; chosen.size < brokers * names.length; tries++) {
    if (tries >= MAX_TRIES) throw new Error(`found no free ports in ${MAX_TRIES} tries`);
    const port = LOWEST_FREE_PORT + Math.floor(Math.random() * span);
    if (!chosen.has(port) && (await isPortFree(port))) chosen.add(port);
  }
  const all = [...chosen];
  return Array.from({ length: brokers }, (_, broker) =>
    namedPorts(names, (index) => all[broker * names.length + index] as number),
  );
}

function namedPorts(names: ListenerName[], portAt: (index: number) => number): BrokerPorts {
  return Object.fromEntries(names.map((name, index) => [name, portAt(index)]));
}

function firstEphemeralPort(): number {
  const text = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
  const first = Number(text.trim().split(/\s+/)[0]);
  return first > LOWEST_FREE_PORT + 1000 ? first : 32_768;
}

export function isPortFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
    server.close(() => resolve(true)),
  );
  return promise;
}
