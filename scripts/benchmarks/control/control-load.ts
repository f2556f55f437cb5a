// The load on a coordinator: creates one after another and many at once, the listing, idle time.

import { percentile } from "../statistics.ts";
import { type BareHttp, bareHttp } from "./bare-http.ts";

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
  const latencies: number[] = [];
  let next = 0;
  const { hostname, port, pathname } = new URL(`${url}/task/create`);
  const connections = await Promise.all(
    Array.from({ length: clients }, () => bareHttp(hostname, Number(port))),
  );
  const startedMs = performance.now();
  const client = async (connection: BareHttp) => {
    while (next < count) {
      const index = next++;
      const sentMs = performance.now();
      const status = await connection.post(pathname, createBody(idOf(prefix, index)));
      if (status !== 200) throw new Error(`create answered ${status}`);
      latencies.push(performance.now() - sentMs);
    }
  };
  await Promise.all(connections.map(client));
  const seconds = (performance.now() - startedMs) / 1000;
  for (const connection of connections) connection.close();
  const sorted = latencies.sort((a, b) => a - b);
  return {
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    maxMs: sorted.at(-1)!,
    perSec: count / seconds,
  };
}

/** Ends tasks that `createTasks` made: each is stopped before it began, and so finished. */
export async function stopTasks(url: string, prefix: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const response = await fetch(`${url}/task/stop`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id: idOf(prefix, index) }),
    });
    if (response.status !== 200) throw new Error(`stop answered ${await response.text()}`);
  }
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

function idOf(prefix: string, index: number): string {
  return `${prefix}${String(index).padStart(6, "0")}`;
}

function createBody(id: string): string {
  const spec = {
    class: "org.apache.kafka.trogdor.task.NoOpTaskSpec",
    startMs: FAR_AWAY_MS,
    durationMs: 1000,
  };
  return JSON.stringify({ id, spec });
}
