// kafkajs 2.2.4 arms a timer with a negative delay after nearly every request, for which the
// runtime writes a warning on stderr, into the middle of a progress line. That timer looks for
// requests that wait for the end of a throttling; with nothing waiting and no throttling it does
// nothing, so it is left out.

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
}

interface RequestQueueClass {
  readonly prototype: { scheduleCheckPendingRequests(this: RequestQueue): void };
}

let isQuiet = false;

export async function quietTimers(): Promise<void> {
  if (isQuiet) return;
  isQuiet = true;
  // @ts-expect-error An inner file of the library, which has no types.
  const module = await import("kafkajs/src/network/requestQueue/index.js");
  const { prototype } = module.default as RequestQueueClass;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
