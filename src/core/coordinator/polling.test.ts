// When nodes are polled.

import { describe, expect, test } from "bun:test";
import { CoordinatorDriver, reported, spec } from "./coordinator-driver.suite.ts";

/** When, on the monotonic clock, the next polls of n1 begin, each answered at once. */
function pollTimes(driver: CoordinatorDriver, count: number, workers: bigint[] = []): number[] {
  const times: number[] = [];
  while (times.length < count) {
    driver.pass(driver.waitMs());
    if (!driver.state.nodes.get("n1")!.isPolling) continue;
    times.push(driver.monotonicMs);
    const states = workers.map((id) => [id, reported("RUNNING")] as const);
    driver.polled("n1", states);
  }
  return times;
}

describe("polls", () => {
  test("begin at once, one node a millisecond", () => {
    const driver = new CoordinatorDriver();
    driver.pass(0);
    expect(driver.calls()).toEqual(["poll n1 1"]);
    driver.pass(1);
    expect(driver.calls()).toEqual(["poll n2 1"]);
  });

  test("come every 5 s to an idle node and every second to one with workers", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    expect(pollTimes(driver, 4)).toEqual([0, 5000, 10_000, 15_000]);
    const [worker] = driver.running(["n1"]);
    expect(pollTimes(driver, 3, [worker!])).toEqual([16_000, 17_000, 18_000]);
  });

  test("come every second while an unknown worker runs", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    const [first, second] = pollTimes(driver, 2, [77n]);
    expect(second! - first!).toBe(1000);
  });

  test("of many nodes are spread over the period", () => {
    const nodes = Array.from({ length: 10 }, (_, index) => `n${index}`);
    const driver = new CoordinatorDriver({ nodes });
    for (const node of nodes) driver.polled(node);
    const due = nodes.map((node) => driver.state.polls.dueMs(node)! % 5000);
    expect(new Set(due).size).toBe(10);
    expect(due).toEqual(nodes.map((_node, index) => index * 500));
  });

  test("come soon after a worker's end", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    pollTimes(driver, 1);
    const [worker] = driver.running(["n1"], "t", spec(0, 1400));
    expect(pollTimes(driver, 3, [worker!])).toEqual([1000, 1420, 2000]);
  });

  test("never reach a node without an agent port while it has no workers", () => {
    const driver = new CoordinatorDriver({ nodes: [{ name: "n1", isAgent: false }] });
    expect(driver.waitMs()).toBe(Number.POSITIVE_INFINITY);
    driver.create();
    driver.found(["n1"]);
    expect(driver.calls()).toEqual(["poll n1 1"]);
    driver.pollFailed("n1");
    expect(driver.waitMs()).toBeLessThanOrEqual(1000);
    driver.stop();
    driver.pollFailed("n1");
    expect(driver.waitMs()).toBeGreaterThan(3_600_000);
  });
});
