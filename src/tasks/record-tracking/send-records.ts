// Sends the messages of a round trip on schedule, those again of which a send failed, until all are
// acknowledged. A repeated send takes the place of a new one in the schedule.

import { createInterrupt } from "../workload-run/interrupt.ts";
import { nextTurn } from "../workload-run/next-turn.ts";
import type { RoundTripLoad } from "./round-trip-load.ts";

const SLICE_US_MAX = 2_000;
const SLICE_MESSAGES_MAX = 4_096;
/** Timers of the runtime fire at once beyond 2^31 ms. */
const SLEEP_MS_MAX = 2 ** 30;
/** The clock is looked at each so many messages. */
const LOOK_EVERY = 64;
/**
 * Of what is due at once, so many go to one partition before the next has its turn: the 64 kB that
 * the reference gives the producer would else hold a handful of batches with one message each.
 */
export const RUN_MESSAGES_MAX = 256;
/** Every partition gets this many runs at the least. */
const RUNS_MIN = 4;

/** Resolves when every message was acknowledged or the signal aborts; throws what prevented it. */
export async function sendRecords(load: RoundTripLoad): Promise<void> {
  const { plan, tracker, pacer } = load;
  const { producer, clock, signal, maxMessages } = plan;
  const interrupt = createInterrupt(signal);
  const slice = createSlice(load);
  while (tracker.acknowledged < maxMessages && !signal.aborted) {
    if (producer.fatalError !== undefined) throw producer.fatalError;
    const result = slice.send(pacer.due(clock.nowUs()));
    if (result === "full") {
      await interrupt.wait(producer.room());
      await nextTurn();
    } else if (result === "nothing") {
      producer.flush();
      if (tracker.acknowledged < maxMessages && tracker.failedWaiting === 0) {
        await interrupt.wait(nextChange(load));
      }
    } else {
      const sleepMs = Math.ceil((pacer.intendedUs(load.sends) - clock.nowUs()) / 1000);
      if (sleepMs > 0) await clock.sleep(Math.min(sleepMs, SLEEP_MS_MAX), signal);
      else await nextTurn();
    }
  }
}

/** `nothing`: all was handed out, and no send has failed. */
type SliceResult = "sent" | "full" | "nothing";

function createSlice(load: RoundTripLoad) {
  const { plan, tracker } = load;
  const { producer, topics, topicPartitions, clock, maxMessages } = plan;
  /** An index that found no room. */
  let held: number | undefined;
  let target = -1;
  const share = Math.floor(maxMessages / (topics.length * RUNS_MIN));
  const runMessages = Math.max(1, Math.min(RUN_MESSAGES_MAX, share));

  function next(): number | undefined {
    const index = held ?? tracker.takeFailed();
    held = undefined;
    if (index !== undefined) return index;
    return tracker.frontier < maxMessages ? tracker.handOut() : undefined;
  }

  return {
    send(due: number): SliceResult {
      const untilUs = clock.nowUs() + SLICE_US_MAX;
      const end = Math.min(due, load.sends + SLICE_MESSAGES_MAX);
      let runLeft = 0;
      while (load.sends < end) {
        if (runLeft === 0) {
          target = (target + 1) % topics.length;
          runLeft = runMessages;
        }
        const index = next();
        if (index === undefined) return "nothing";
        if (!producer.send(topics[target]!, topicPartitions[target]!, index, index)) {
          held = index;
          return "full";
        }
        load.sends += 1;
        runLeft -= 1;
        if (load.sends % LOOK_EVERY === 0 && clock.nowUs() > untilUs) break;
      }
      const isOut = held === undefined && tracker.frontier >= maxMessages;
      return isOut && tracker.failedWaiting === 0 ? "nothing" : "sent";
    },
  };
}

function nextChange(load: RoundTripLoad): Promise<void> {
  return new Promise((resolve) => {
    load.onChange = resolve;
  });
}
