// The rhythm of a member: waits between heartbeats, wakes early when something has to be told, and
// says when one lot of records has been worked on for longer than max.poll.interval.ms.

import { KafkaError } from "../../../client.ts";
import type { MemberHost } from "./member.ts";

export interface Heart {
  /** Resolves after `ms`, when it is woken, or when the limit for working on records is over. */
  rest(ms: number): Promise<void>;
  wake(): void;
  /** Set when the records that are worked on now have taken too long. */
  overdue(): KafkaError | undefined;
  readonly isStopped: boolean;
  stop(): void;
}

export function createHeart(host: MemberHost): Heart {
  const { clock } = host.environment;
  const { maxPollIntervalMs } = host.conf;
  let sleeper = new AbortController();
  let isStopped = false;

  function busyLeftMs(): number {
    const sinceUs = host.busySinceUs();
    if (sinceUs === undefined) return Number.POSITIVE_INFINITY;
    return maxPollIntervalMs - (clock.nowUs() - sinceUs) / 1000;
  }

  return {
    get isStopped() {
      return isStopped;
    },
    async rest(ms) {
      if (isStopped) return;
      const restMs = Math.min(ms, Math.max(1, busyLeftMs() + 1), maxPollIntervalMs);
      await clock.sleep(restMs, sleeper.signal);
      if (sleeper.signal.aborted) sleeper = new AbortController();
    },
    wake() {
      sleeper.abort();
    },
    overdue() {
      if (busyLeftMs() > 0) return undefined;
      return new KafkaError(
        "MAX_POLL_INTERVAL_EXCEEDED",
        `group "${host.groupId}": records were worked on for longer than max.poll.interval.ms` +
          ` (${maxPollIntervalMs}), so this member has left until that is done`,
        true,
      );
    },
    stop() {
      isStopped = true;
      sleeper.abort();
    },
  };
}
