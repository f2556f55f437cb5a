// What is wrong with the numbers of a consuming workload's spec.

import type { Problem } from "../../core/trogdor-error.ts";
import { CONSUMERS_MAX, type ConsumerCounts } from "./consumer-count.ts";

export function countProblems({ maxMessages, threadsPerWorker }: ConsumerCounts): Problem[] {
  const problems: Problem[] = [];
  if (maxMessages < 0n) {
    const message = `expected the number of messages to take, found ${maxMessages}`;
    problems.push({ path: "maxMessages", message });
  }
  if (threadsPerWorker < 0 || threadsPerWorker > CONSUMERS_MAX) {
    const message = `expected 1 to ${CONSUMERS_MAX} consumers, found ${threadsPerWorker}`;
    problems.push({ path: "threadsPerWorker", message });
  }
  return problems;
}
