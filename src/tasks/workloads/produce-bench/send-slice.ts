// One slice of a load: appends messages that are due, round robin over the targets, for a
// millisecond or two. It runs millions of times a second, so it works on plain locals and looks at
// the clock only now and then.

import type { LoadPlan, LoadState } from "./load-state.ts";

export const SLICE_MESSAGES_MAX = 2_000;
export const SLICE_US_MAX = 2_000;
/** Messages between two looks at the clock, a power of two. */
const LOOK_EVERY = 16;

/** - `sent`: all that was asked for, or the slice's share. - `full`: the client has no room. */
export type SliceResult = "sent" | "full" | "commit" | "abort";

export function sendSlice(plan: LoadPlan, state: LoadState, due: number): SliceResult {
  const { producer, topics, topicPartitions, clock } = plan;
  const { startUs, intervalUs } = state.pacer;
  const targetCount = topics.length;
  const untilUs = clock.nowUs() + SLICE_US_MAX;
  const end = Math.min(due, state.position + SLICE_MESSAGES_MAX);
  let { position, target } = state;
  let result: SliceResult = "sent";
  while (position < end) {
    const intendedUs = startUs + position * intervalUs;
    if (!producer.send(topics[target]!, topicPartitions[target]!, position, intendedUs)) {
      result = "full";
      break;
    }
    position += 1;
    target += 1;
    if (target === targetCount) target = 0;
    if ((position & (LOOK_EVERY - 1)) === 0 && clock.nowUs() > untilUs) break;
  }
  state.position = position;
  state.target = target;
  return result;
}

/** The same with a question to the transaction generator before each message. */
export function sendTransactionalSlice(plan: LoadPlan, state: LoadState, due: number): SliceResult {
  const { producer, topics, topicPartitions, clock } = plan;
  const transactions = plan.transactions!;
  const untilUs = clock.nowUs() + SLICE_US_MAX;
  const end = Math.min(due, state.position + SLICE_MESSAGES_MAX);
  let nowMs = clock.nowMs();
  while (state.position < end) {
    if (!state.isAsked) {
      const action = transactions.next(nowMs);
      if (action === "commit" || action === "abort") return action;
      if (action === "begin") {
        producer.beginTransaction();
        state.isTransactionOpen = true;
        state.transactionMessages = 0;
        continue;
      }
      // A message that the client refuses for lack of room must not be asked for twice.
      state.isAsked = true;
    }
    const intendedUs = state.pacer.intendedUs(state.position);
    const topic = topics[state.target]!;
    if (!producer.send(topic, topicPartitions[state.target]!, state.position, intendedUs)) {
      return "full";
    }
    state.isAsked = false;
    state.position += 1;
    state.transactionMessages += 1;
    state.target = (state.target + 1) % topics.length;
    if ((state.position & (LOOK_EVERY - 1)) === 0) {
      if (clock.nowUs() > untilUs) break;
      nowMs = clock.nowMs();
    }
  }
  return "sent";
}
