// Waits until a cluster can be used: every broker answers and sees all of them in service.

import { join } from "node:path";
import { logTail } from "./broker-process.ts";
import type { BrokerRecord, ClusterRecord } from "./cluster-files.ts";
import { brokerHost, hubNamespace, inNamespace } from "./network-namespaces.ts";
import { isAlive } from "./process-identity.ts";
import { countBrokersSeenBy } from "./readiness.ts";

const READY_TIMEOUT_MS = 90_000;
const POLL_MS = 50;

/**
 * Brokers that were stopped on purpose do not count. Throws with the end of the log of the culprit.
 */
export async function waitUntilReady(record: ClusterRecord): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  const running = record.brokers.filter((broker) => broker.process !== undefined);
  for (const broker of running) {
    while ((await brokersSeenBy(record, broker)) < running.length) {
      requireAlive(record, running);
      if (performance.now() > deadlineMs) {
        throw new Error(explain(record, broker, `is not ready after ${READY_TIMEOUT_MS / 1000} s`));
      }
      await Bun.sleep(POLL_MS);
    }
  }
}

async function brokersSeenBy({ options }: ClusterRecord, broker: BrokerRecord): Promise<number> {
  const host = brokerHost(options, broker.id);
  const port = broker.ports.PLAINTEXT ?? 0;
  if (!options.netns) return await countBrokersSeenBy(host, port);
  const program = join(import.meta.dir, "count-brokers.ts");
  const counting = [process.execPath, program, host, String(port)];
  const command = inNamespace(hubNamespace(options.name), counting);
  const child = Bun.spawn([...command], { stdio: ["ignore", "pipe", "ignore"] });
  return Number(await new Response(child.stdout).text());
}

function requireAlive(record: ClusterRecord, brokers: readonly BrokerRecord[]): void {
  for (const broker of brokers) {
    if (broker.process === undefined || isAlive(broker.process)) continue;
    throw new Error(explain(record, broker, "ended while it started"));
  }
}

function explain(record: ClusterRecord, broker: BrokerRecord, what: string): string {
  const { name } = record.options;
  return `broker ${broker.id} of cluster "${name}" ${what}:\n${logTail(name, broker.id)}`;
}
