// How many consumers a spec asks for.

export interface ConsumerCounts {
  readonly threadsPerWorker: number;
  /** For each consumer. */
  readonly maxMessages: bigint;
}

/** Each consumer has connections of its own and a place in the status. */
export const CONSUMERS_MAX = 1000;

/** 0 and below mean one, as in the reference. */
export function consumerCount({ threadsPerWorker }: Pick<ConsumerCounts, "threadsPerWorker">) {
  return Math.max(1, threadsPerWorker);
}
