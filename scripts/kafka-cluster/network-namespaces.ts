// The network of a cluster with --netns: a namespace for each broker, all of them on one bridge
// that stands in a namespace of its own, where clients run. Nothing of the machine's network is
// touched, so every cluster can have the same addresses.

import type { ClusterOptions } from "./options.ts";

const NETWORK = "10.99.0";
const HUB_HOST = 254;

/** Where clients of the cluster run: it has the bridge. */
export function hubNamespace(name: string): string {
  return `trogdor-kafka-${name}`;
}

export function brokerNamespace(name: string, brokerId: number): string {
  return `${hubNamespace(name)}-${brokerId}`;
}

/** Where a broker listens. */
export function brokerHost(options: ClusterOptions, brokerId: number): string {
  return options.netns ? `${NETWORK}.${brokerId}` : "127.0.0.1";
}

/** The command as it is run where that broker runs. */
export function whereBrokerRuns(
  options: ClusterOptions,
  brokerId: number,
  command: readonly string[],
): readonly string[] {
  return options.netns ? inNamespace(brokerNamespace(options.name, brokerId), command) : command;
}

export function inNamespace(namespace: string, command: readonly string[]): readonly string[] {
  return ["nsenter", `--net=/run/netns/${namespace}`, ...command];
}

export async function createNamespaces({ name, brokers }: ClusterOptions): Promise<void> {
  await removeNamespaces(name, brokers);
  const hub = hubNamespace(name);
  await run("ip", "netns", "add", hub);
  const inHub = (...args: string[]) => run("ip", "-n", hub, ...args);
  await inHub("link", "set", "lo", "up");
  await inHub("link", "add", "br0", "type", "bridge");
  await inHub("address", "add", `${NETWORK}.${HUB_HOST}/24`, "dev", "br0");
  await inHub("link", "set", "br0", "up");
  for (let id = 1; id <= brokers; id += 1) {
    const own = brokerNamespace(name, id);
    await run("ip", "netns", "add", own);
    await inHub("link", "add", `to${id}`, "type", "veth", "peer", "name", "eth0", "netns", own);
    await inHub("link", "set", `to${id}`, "master", "br0", "up");
    await run("ip", "-n", own, "link", "set", "lo", "up");
    await run("ip", "-n", own, "address", "add", `${NETWORK}.${id}/24`, "dev", "eth0");
    await run("ip", "-n", own, "link", "set", "eth0", "up");
  }
}

/** Those that are there. Their devices go with them. */
export async function removeNamespaces(name: string, brokers: number): Promise<void> {
  const listed = await run("ip", "netns", "list");
  const there = new Set(listed.split("\n").map((line) => line.split(" ")[0]));
  const ours = Array.from({ length: brokers }, (_, at) => brokerNamespace(name, at + 1));
  for (const namespace of [...ours, hubNamespace(name)]) {
    if (there.has(namespace)) await run("ip", "netns", "delete", namespace);
  }
}

async function run(...command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (exitCode === 0) return out;
  throw new Error(
    `--netns needs root and the package iproute2: ${command.join(" ")}: ${err.trim()}`,
  );
}
