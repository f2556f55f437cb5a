// The load on a coordinator: creates one after another and many at once, the listing, idle time.

import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { percentile } from "../statistics.ts";

export interface CreateFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly perSec: number;
}

const FAR_AWAY_MS = 4_000_000_000_000;

/** Creates tasks that start in a far future, from so many clients at once. */
export async function createTasks(
  url: string,
  prefix: string,
  count: number,
  clients: number,
): Promise<CreateFigures> {
  const agent = new HttpAgent({ keepAlive: true, maxSockets: clients });
  const latencies: number[] = [];
  let next = 0;
  const startedMs = performance.now();
  const client = async () => {
    while (next < count) {
      const index = next++;
      const sentMs = performance.now();
      await createTask(url, `${prefix}${String(index).padStart(6, "0")}`, agent);
      latencies.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - startedMs) / 1000;
  agent.destroy();
  const sorted = latencies.sort((a, b) => a - b);
  return {
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    maxMs: sorted.at(-1)!,
    perSec: count / seconds,
  };
}

export interface Listing {
  readonly ms: number;
  readonly megabytes: number;
}

/** The whole list, read to its end. */
export async function listTasks(url: string): Promise<Listing> {
  const startedMs = performance.now();
  const response = await fetch(`${url}/tasks`);
  const { byteLength } = await response.arrayBuffer();
  return { ms: performance.now() - startedMs, megabytes: byteLength / 1e6 };
}

function createTask(url: string, id: string, agent: HttpAgent): Promise<void> {
  const spec = {
    class: "org.apache.kafka.trogdor.task.NoOpTaskSpec",
    startMs: FAR_AWAY_MS,
    durationMs: 1000,
  };
  const body = JSON.stringify({ id, spec });
  const headers = {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}/task/create`, { method: "POST", headers, agent });
    sent.on("error", reject);
    sent.on("response", (response) => {
      response.resume();
      response.on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`create answered ${response.statusCode}`));
      });
    });
    sent.end(body);
  });
}
