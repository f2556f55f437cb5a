// The topics that a ShareConsumeBench spec asks to consume.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { expandRanges } from "../../../spec/topic-range.ts";

/** Where a group's name is left out, or empty. */
export const DEFAULT_GROUP = "share";

export function shareTopics({ activeTopics }: { readonly activeTopics: readonly string[] }) {
  const topics = new Set<string>();
  for (const entry of activeTopics) {
    const names = expandRanges([entry]);
    if (names.some((name) => name === "" || name.includes(":"))) {
      throw wrong(`Expanded topic name [${names.join(", ")}] is invalid`);
    }
    for (const name of names) topics.add(name);
  }
  if (topics.size === 0) {
    throw wrong("Consumer is not subscribed to any topics or assigned any partitions");
  }
  return [...topics];
}

function wrong(message: string): TrogdorError {
  return new TrogdorError("task", message);
}
