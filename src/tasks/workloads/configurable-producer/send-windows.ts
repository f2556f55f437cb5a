// Sends the messages of a throughput schedule until it is told to stop: what a window holds goes
// out when it begins, and where the flush generator says so all answers are waited for.

import type { Producer } from "../../../kafka/client.ts";
import type { FlushCounter } from "../../../measure/throughput/flush-spec.ts";
import type { ThroughputSchedule } from "../../../measure/throughput/throughput-schedule.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import { createInterrupt } from "../../workload-run/interrupt.ts";
import { nextTurn } from "../../workload-run/next-turn.ts";

export interface WindowLoad {
  readonly producer: Producer;
  readonly schedule: ThroughputSchedule;
  readonly flushes: FlushCounter | undefined;
  readonly topic: string;
  /** -1: the partitioner chooses. */
  readonly topicPartition: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Messages appended so far. */
  sent: number;
  /** Messages that should be out by now, as of the last look; infinite without a limit. */
  due: number;
  flushed: number;
}

const SLICE_US_MAX = 2_000;
const SLICE_MESSAGES_MAX = 4_096;
const LOOK_EVERY = 64;
/** Timers of the runtime fire at once beyond 2^31 ms. */
const SLEEP_MS_MAX = 2 ** 30;

/** Resolves when the signal aborts; throws what ended the producer. */
export async function sendWindows(load: WindowLoad): Promise<void> {
  const { producer, schedule, clock, signal } = load;
  const interrupt = createInterrupt(signal);
  while (!signal.aborted) {
    if (producer.fatalError !== undefined) throw producer.fatalError;
    load.due = schedule.due(clock.nowUs());
    const result = sendSlice(load);
    if (result === "full") {
      await interrupt.wait(producer.room());
      await nextTurn();
    } else if (result === "flush") {
      producer.flush();
      await interrupt.wait(producer.settled());
      load.flushed += 1;
    } else if (load.sent < load.due) {
      await nextTurn();
    } else {
      const sleepMs = Math.ceil((schedule.nextWindowUs - clock.nowUs()) / 1000);
      if (sleepMs > 0) await clock.sleep(Math.min(sleepMs, SLEEP_MS_MAX), signal);
      else await nextTurn();
    }
  }
}

function sendSlice(load: WindowLoad): "sent" | "full" | "flush" {
  const { producer, schedule, flushes, topic, topicPartition, clock } = load;
  const untilUs = clock.nowUs() + SLICE_US_MAX;
  const end = Math.min(load.due, load.sent + SLICE_MESSAGES_MAX);
  while (load.sent < end) {
    const intendedUs = schedule.intendedUs(load.sent);
    if (!producer.send(topic, topicPartition, load.sent, intendedUs)) return "full";
    load.sent += 1;
    if (flushes?.next()) return "flush";
    if (load.sent % LOOK_EVERY === 0 && clock.nowUs() > untilUs) break;
  }
  return "sent";
}
