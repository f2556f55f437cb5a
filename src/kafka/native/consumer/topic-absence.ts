// A topic that was there and is gone ends the consumer when it does not come back within
// default.api.timeout.ms. A topic that never was there is waited for.

import { type ClientEnvironment, KafkaError } from "../../client.ts";
import type { ConsumerConf } from "../../conf/types.ts";
import type { Topics } from "./topics.ts";

export interface TopicAbsence {
  watch(names: readonly string[]): void;
  /** The picture of the topics is new. */
  look(): void;
}

export function createTopicAbsence(
  topics: Topics,
  conf: ConsumerConf,
  { clock }: ClientEnvironment,
  onFatal: (error: KafkaError) => void,
): TopicAbsence {
  let watched: readonly string[] = [];
  const seen = new Set<string>();
  const goneSinceUs = new Map<string, number>();

  const absence: TopicAbsence = {
    watch(names) {
      watched = names;
      absence.look();
    },
    look() {
      for (const name of watched) {
        if (topics.known.has(name)) {
          seen.add(name);
          goneSinceUs.delete(name);
          continue;
        }
        if (!seen.has(name)) continue;
        const nowUs = clock.nowUs();
        const sinceUs = goneSinceUs.get(name) ?? nowUs;
        goneSinceUs.set(name, sinceUs);
        if (nowUs - sinceUs >= conf.defaultApiTimeoutMs * 1000) onFatal(deleted(name, conf));
      }
    },
  };
  return absence;
}

function deleted(name: string, { defaultApiTimeoutMs }: ConsumerConf): KafkaError {
  return new KafkaError(
    "UNKNOWN_TOPIC_OR_PARTITION",
    `topic "${name}" was deleted while it was consumed, and did not come back within` +
      ` default.api.timeout.ms (${defaultApiTimeoutMs})`,
    false,
  );
}
