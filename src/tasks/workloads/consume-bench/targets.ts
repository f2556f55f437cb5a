// What a ConsumeBench spec asks to consume: topics to subscribe to, or topicPartitions that are
// assigned by hand as soon as one entry names a partition.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { expandRanges } from "../../../spec/topic-range.ts";
import { consumerCount } from "../../consumption/consumer-count.ts";

export interface ConsumeTargets {
  /** Topic -> the partitions that are named; empty: all of them. */
  readonly topics: ReadonlyMap<string, readonly number[]>;
  /** Partitions are assigned by hand: at least one is named. */
  readonly isManual: boolean;
}

interface TargetSpec {
  readonly activeTopics: readonly string[];
  readonly consumerGroup: string;
  readonly threadsPerWorker: number;
}

/** `topic` or `topic:partition`, as the reference has it. */
const VALID = /^[^:]+(:[\d]+|[^:]*)$/;
const PARTITION_MAX = 2 ** 31 - 1;

/** Throws in the reference's words. */
export function consumeTargets(spec: TargetSpec): ConsumeTargets {
  const topics = new Map<string, number[]>();
  for (const entry of spec.activeTopics) {
    for (const name of expandRanges([entry])) addTarget(topics, name, entry);
  }
  if (topics.size === 0) {
    throw wrong("Consumer is not subscribed to any topics or assigned any partitions");
  }
  const isManual = [...topics.values()].some((partitions) => partitions.length > 0);
  if (isManual && spec.consumerGroup !== "" && consumerCount(spec) > 1) {
    throw wrong(
      "You may not specify an explicit partition assignment when using multiple consumers in the " +
        "same group.Please leave the consumer group unset, specify topics instead of partitions " +
        "or use a single consumer.",
    );
  }
  return { topics, isManual };
}

function addTarget(topics: Map<string, number[]>, name: string, entry: string): void {
  if (!VALID.test(name)) throw wrong(`Expanded topic name ${entry} is invalid`);
  const [topic = "", digits] = name.split(":");
  const partitions = topics.get(topic) ?? [];
  topics.set(topic, partitions);
  if (digits === undefined) return;
  const partition = Number(digits);
  if (partition > PARTITION_MAX) throw wrong(`For input string: "${digits}"`);
  if (!partitions.includes(partition)) partitions.push(partition);
}

function wrong(message: string): TrogdorError {
  return new TrogdorError("task", message);
}
