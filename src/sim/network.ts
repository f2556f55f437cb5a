// The simulated network between clients, coordinator and agents. A call is a request and an
// answer: each may be late, overtaken or lost; a request may come twice, also long after its
// caller gave up; a partition swallows both; a machine without a daemon refuses.

import { TrogdorError } from "../core/trogdor-error.ts";
import type { DisturbanceCounts } from "./disturbances.ts";
import type { Life } from "./host.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Trace } from "./trace.ts";

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly counts: DisturbanceCounts;
}

export interface Weather {
  /** Probability that a request or an answer is lost. */
  readonly loss: number;
  /** Probability that it is seconds late. */
  readonly lateness: number;
  readonly duplication: number;
}

export const calm: Weather = { loss: 0, lateness: 0, duplication: 0 };

export interface CallRequest<Service, T> {
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly timeoutMs: number;
  /** The caller's life: who has died hears no answer. */
  readonly life: Life;
  /** Whether the request may come twice. */
  readonly mayRepeat: boolean;
  /** Asked when the request arrives. */
  service(): Service | undefined;
  serve(service: Service): Promise<T> | T;
}

export interface Network {
  weather: Weather;
  /** Nothing passes between the two until it is healed. */
  partition(one: string, other: string): void;
  heal(one: string, other: string): void;
  healAll(): void;
  call<Service, T>(request: CallRequest<Service, T>): Promise<T>;
}

const latestMs = 25_000;

export function createNetwork(options: NetworkOptions): Network {
  const { scheduler, random, trace, counts } = options;
  const cut = new Set<string>();
  const pair = (one: string, other: string) => [one, other].sort().join(" | ");
  const lastArrival = new Map<string, number>();

  /** How long a message takes; undefined when it never comes. */
  function travelMs(from: string, to: string, lost: "requestLost" | "answerLost") {
    if (cut.has(pair(from, to))) {
      counts.blockedByPartition += 1;
      return undefined;
    }
    if (random.chance(network.weather.loss)) {
      counts[lost] += 1;
      return undefined;
    }
    let ms = 0.1 + random.next() * 5;
    if (random.chance(network.weather.lateness)) {
      counts.delayed += 1;
      ms += random.next() ** 3 * latestMs;
    }
    const way = `${from} > ${to}`;
    const arrivalMs = scheduler.nowMs() + ms;
    const lastMs = lastArrival.get(way) ?? 0;
    if (arrivalMs < lastMs) counts.reordered += 1;
    else lastArrival.set(way, arrivalMs);
    return ms;
  }

  const network: Network = {
    weather: calm,
    partition(one, other) {
      counts.partitioned += 1;
      cut.add(pair(one, other));
    },
    heal: (one, other) => void cut.delete(pair(one, other)),
    healAll: () => cut.clear(),
    call<Service, T>(request: CallRequest<Service, T>): Promise<T> {
      const { from, to, what, timeoutMs, life } = request;
      return new Promise<T>((resolve, reject) => {
        const giveUp = scheduler.after(timeoutMs, () => {
          if (life.isOver) return;
          counts.timedOut += 1;
          trace.note(from, `gave up ${what} on ${to}`);
          reject(unavailable(`${to} did not answer within ${timeoutMs} ms`));
        });
        const settle = (how: () => void, said: string) => {
          const ms = travelMs(to, from, "answerLost");
          if (ms === undefined) return;
          scheduler.after(ms, () => {
            if (life.isOver) return;
            giveUp();
            trace.note(from, `heard from ${to}: ${what} ${said}`);
            how();
          });
        };
        const arrive = () => {
          const service = request.service();
          if (service === undefined) {
            counts.refused += 1;
            settle(() => reject(unavailable(`${to} refused the connection`)), "refused");
            return;
          }
          trace.note(to, `got ${what} from ${from}`);
          asked(request, service).then(
            (value) => settle(() => resolve(value), "ok"),
            (error: unknown) => settle(() => reject(error), `failed: ${error}`),
          );
        };
        const ms = travelMs(from, to, "requestLost");
        if (ms !== undefined) scheduler.after(ms, arrive);
        if (ms === undefined || !request.mayRepeat) return;
        if (!random.chance(network.weather.duplication)) return;
        counts.duplicated += 1;
        scheduler.after(ms + random.next() ** 2 * latestMs, () => {
          const service = request.service();
          if (service === undefined || cut.has(pair(from, to))) return;
          trace.note(to, `got ${what} from ${from} once more`);
          asked(request, service).catch(() => {});
        });
      });
    },
  };
  return network;
}

async function asked<Service, T>(request: CallRequest<Service, T>, service: Service): Promise<T> {
  return await request.serve(service);
}

function unavailable(message: string): TrogdorError {
  return new TrogdorError("unavailable", message);
}
