// Sends the messages on schedule: the hot path of a produce workload. One async loop takes all that
// is due in slices of a millisecond or two, so that answers are handled between them, and sleeps
// when nothing is due. Inside a slice nothing is allocated, awaited or looked up for a message.

import { createInterrupt, type Interrupt } from "../../workload-run/interrupt.ts";
import { nextTurn } from "../../workload-run/next-turn.ts";
import type { LoadPlan, LoadState } from "./load-state.ts";
import { sendSlice, sendTransactionalSlice } from "./send-slice.ts";

/** Open batches are sent at each multiple of this, unless the spec says skipFlush. */
export const FLUSH_PERIOD_US = 100_000;

/** Resolves when every message was appended or the signal aborts; throws what prevented it. */
export async function runLoad(plan: LoadPlan, state: LoadState): Promise<void> {
  const { producer, clock, signal, maxMessages } = plan;
  const interrupt = createInterrupt(signal);
  let behindSinceUs = 0;
  let wasBlocked = false;
  while (state.position < maxMessages && !signal.aborted) {
    if (producer.fatalError !== undefined) throw producer.fatalError;
    const nowUs = clock.nowUs();
    if (behindSinceUs > 0) countBehind(state, nowUs - behindSinceUs, wasBlocked);
    behindSinceUs = 0;
    wasBlocked = false;
    const due = Math.min(state.pacer.due(nowUs), maxMessages);
    if (state.position < due) {
      const result =
        plan.transactions === undefined
          ? sendSlice(plan, state, due)
          : sendTransactionalSlice(plan, state, due);
      state.lastSendUs = nowUs;
      if (state.position < due) behindSinceUs = nowUs;
      if (result === "full") {
        wasBlocked = true;
        await interrupt.wait(producer.room());
        await nextTurn();
        continue;
      }
      if (result !== "sent") {
        wasBlocked = true;
        await endTransaction(result, plan, state, interrupt);
        continue;
      }
    }
    flushWhenDue(plan, state, nowUs);
    if (behindSinceUs > 0) await nextTurn();
    else if (state.position < maxMessages) await sleepUntilDue(plan, state);
  }
}

/**
 * After the last message: asks the transaction generator once more, so that a transaction which is
 * full is committed.
 */
export async function endLastTransaction(plan: LoadPlan, state: LoadState): Promise<void> {
  if (plan.transactions === undefined || !state.isTransactionOpen) return;
  const action = plan.transactions.next(plan.clock.nowMs());
  if (action !== "commit" && action !== "abort") return;
  await endTransaction(action, plan, state, createInterrupt(plan.signal));
}

async function endTransaction(
  action: "commit" | "abort",
  plan: LoadPlan,
  state: LoadState,
  interrupt: Interrupt,
): Promise<void> {
  if (action === "commit") {
    const isDone = await interrupt.wait(plan.producer.commitTransaction());
    if (!isDone) return;
    state.transactionsCommitted += 1;
  } else {
    const isDone = await interrupt.wait(plan.producer.abortTransaction());
    if (!isDone) return;
    state.abortedMessages += state.transactionMessages;
  }
  state.isTransactionOpen = false;
  state.transactionMessages = 0;
}

function countBehind(state: LoadState, durationUs: number, wasBlocked: boolean): void {
  if (wasBlocked) state.blockedUs += durationUs;
  else state.busyUs += durationUs;
}

function flushWhenDue(plan: LoadPlan, state: LoadState, nowUs: number): void {
  if (plan.skipFlush) return;
  const period = Math.floor((nowUs - state.pacer.startUs) / FLUSH_PERIOD_US);
  if (period === state.lastFlushPeriod) return;
  state.lastFlushPeriod = period;
  if (state.flushedPosition === state.position) return;
  state.flushedPosition = state.position;
  plan.producer.flush();
}

/** Sleeps until the next message is due, or until a flush is. */
async function sleepUntilDue(plan: LoadPlan, state: LoadState): Promise<void> {
  const { clock, signal, skipFlush } = plan;
  const { pacer } = state;
  let wakeUs = pacer.intendedUs(state.position);
  if (!skipFlush && state.flushedPosition < state.position) {
    const flushUs = pacer.startUs + (state.lastFlushPeriod + 1) * FLUSH_PERIOD_US;
    wakeUs = Math.min(wakeUs, flushUs);
  }
  const sleepMs = Math.ceil((wakeUs - clock.nowUs()) / 1000);
  if (sleepMs > 0) await clock.sleep(Math.min(sleepMs, SLEEP_MS_MAX), signal);
  else await nextTurn();
}

/** Timers of the runtime fire at once beyond 2^31 ms. */
const SLEEP_MS_MAX = 2 ** 30;
