// The record of a round trip's messages: each histories of what happened to some of them.

import { describe, expect, test } from "bun:test";
import { createRecordTracker } from "./record-tracker.ts";

function trackerOf(count: number) {
  const tracker = createRecordTracker();
  for (let index = 0; index < count; index++) tracker.handOut();
  return tracker;
}

describe("a record tracker", () => {
  test("hands out indexes in turn", () => {
    const tracker = createRecordTracker();
    expect([tracker.handOut(), tracker.handOut(), tracker.frontier]).toEqual([0, 1, 2]);
  });

  test("names what was acknowledged and did not come back", () => {
    const tracker = trackerOf(6);
    for (const index of [0, 1, 2, 3, 4]) tracker.acknowledge(index);
    for (const index of [0, 2, 4]) expect(tracker.arrive(index)).toBe("first");
    expect(tracker.missing()).toEqual([1, 3]);
    expect(tracker.pending()).toEqual([1, 3, 5]);
  });

  test("may see a message before its acknowledgement", () => {
    const tracker = trackerOf(1);
    tracker.arrive(0);
    expect([tracker.received, tracker.acknowledged, tracker.missing()]).toEqual([1, 0, []]);
  });

  test("names what came twice", () => {
    const tracker = trackerOf(3);
    for (const index of [0, 1, 1, 2, 0]) tracker.arrive(index);
    expect([tracker.received, tracker.duplicates]).toEqual([3, 2]);
    expect(tracker.duplicateIndexes).toEqual([1, 0]);
  });

  test("does not blame the cluster for what was sent twice after a failure", () => {
    const tracker = trackerOf(2);
    tracker.failedSend(1);
    expect([tracker.failedWaiting, tracker.takeFailed(), tracker.takeFailed()]).toEqual([
      1,
      1,
      undefined,
    ]);
    tracker.arrive(1);
    expect(tracker.arrive(1)).toBe("again");
    expect([tracker.duplicates, tracker.duplicatesOfResent, tracker.resent]).toEqual([0, 1, 1]);
  });

  test("takes an index that was never handed out for someone else's", () => {
    const tracker = trackerOf(2);
    expect(tracker.arrive(2)).toBe("foreign");
    expect([tracker.received, tracker.foreign]).toEqual([0, 1]);
  });
});
