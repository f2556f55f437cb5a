// Keeps connections open and refreshes each so long after its last refresh, so many at a time. All
// have the same interval, so those that wait are a plain queue, and none is passed over.

import { KafkaError } from "../../../kafka/client.ts";
import {
  createLatencyHistogram,
  type LatencyHistogram,
} from "../../../measure/latency-histogram.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import { closeWithin, STOP_CLOSE_MS } from "../../workload-run/close-within.ts";
import type { ConnectionKind, Open, OpenClient } from "./connections.ts";

export interface KindFigures {
  /** Clients that are open, or being opened. */
  open: number;
  failures: number;
  refreshes: number;
  readonly refreshUs: LatencyHistogram;
}

export interface Keeping {
  readonly figures: Readonly<Record<ConnectionKind, KindFigures>>;
  readonly errors: ReadonlyMap<string, number>;
  readonly lastError: Error | undefined;
  /** Resolves when the signal has aborted and every client is closed. */
  run(signal: AbortSignal): Promise<void>;
}

export interface KeepingOptions {
  readonly open: Open;
  readonly clock: Clock;
  readonly counts: Readonly<Record<ConnectionKind, number>>;
  readonly lanes: number;
  readonly refreshMs: number;
}

/** A client that failed is closed without waiting for what is under way. */
const FAILED_CLOSE_MS = 0;

interface Kept {
  readonly kind: ConnectionKind;
  client: OpenClient | undefined;
  dueUs: number;
}

export function createKeeping({ open, clock, counts, lanes, refreshMs }: KeepingOptions): Keeping {
  const figures = { producer: newFigures(), consumer: newFigures(), metadata: newFigures() };
  const errors = new Map<string, number>();
  const waiting = createQueue(counts, clock.nowUs());
  let lastError: Error | undefined;

  async function refresh(kept: Kept, signal: AbortSignal): Promise<void> {
    const kind = figures[kept.kind];
    const startUs = clock.nowUs();
    if (kept.client === undefined) kind.open += 1;
    try {
      kept.client ??= await open(kept.kind);
      await kept.client.refresh();
      if (signal.aborted) return;
      kind.refreshes += 1;
      kind.refreshUs.record(clock.nowUs() - startUs, 1);
    } catch (error) {
      kind.open -= 1;
      const { client } = kept;
      kept.client = undefined;
      if (client !== undefined) await closeWithin([client], FAILED_CLOSE_MS, clock);
      // What the end of the task cut short is no failure of the cluster.
      if (signal.aborted) return;
      if (!(error instanceof KafkaError)) throw error;
      kind.failures += 1;
      lastError = error;
      errors.set(error.code, (errors.get(error.code) ?? 0) + 1);
    }
  }

  async function lane(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const kept = waiting.shift();
      // Others hold all of them; there are never more lanes than connections.
      if (kept === undefined) return;
      const leftMs = Math.ceil((kept.dueUs - clock.nowUs()) / 1000);
      if (leftMs > 0) await clock.sleep(leftMs, signal);
      if (!signal.aborted) await refresh(kept, signal);
      kept.dueUs = clock.nowUs() + refreshMs * 1000;
      waiting.push(kept);
    }
  }

  return {
    figures,
    errors,
    get lastError() {
      return lastError;
    },
    async run(signal) {
      const count = waiting.size;
      try {
        if (count === 0) await aborted(signal);
        await Promise.all(Array.from({ length: Math.min(lanes, count) }, () => lane(signal)));
      } finally {
        const clients = waiting.all().flatMap(({ client }) => (client ? [client] : []));
        await closeWithin(clients, STOP_CLOSE_MS, clock);
      }
    },
  };
}

function newFigures(): KindFigures {
  return { open: 0, failures: 0, refreshes: 0, refreshUs: createLatencyHistogram() };
}

/** A ring: shift and push cost the same for ten connections and ten thousand. */
function createQueue(counts: Readonly<Record<ConnectionKind, number>>, dueUs: number) {
  const all = (["producer", "consumer", "metadata"] as const).flatMap((kind) =>
    Array.from(
      { length: Math.max(0, counts[kind]) },
      (): Kept => ({ kind, client: undefined, dueUs }),
    ),
  );
  const ring = [...all];
  let first = 0;
  let size = all.length;
  return {
    size,
    all: (): readonly Kept[] => all,
    shift(): Kept | undefined {
      if (size === 0) return undefined;
      const kept = ring[first];
      first = (first + 1) % ring.length;
      size -= 1;
      return kept;
    },
    push(kept: Kept): void {
      ring[(first + size) % ring.length] = kept;
      size += 1;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
