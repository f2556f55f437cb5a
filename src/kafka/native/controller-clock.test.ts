// The bounds always hold the true offset, whatever the network does; and a real controller on this
// machine has this machine's clock.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sharedCluster } from "../../../test/support/kafka.ts";
import { adminConf, environment, unstopped } from "../conformance/test-load.suite.ts";
import { type ClockExchange, clockOf, measureControllerClock } from "./controller-clock.ts";

const delaysMs = fc.record({
  wayThereMs: fc.double({ min: 0, max: 500, noNaN: true }),
  wayBackMs: fc.double({ min: 0, max: 500, noNaN: true }),
});

function exchange(
  nodeId: number,
  startMs: number,
  aheadMs: number,
  { wayThereMs, wayBackMs }: { wayThereMs: number; wayBackMs: number },
): ClockExchange {
  return {
    nodeId,
    sentMs: Math.floor(startMs),
    answeredMs: Math.floor(startMs + wayThereMs + aheadMs),
    arrivedMs: Math.floor(startMs + wayThereMs + wayBackMs),
  };
}

describe("the clock of the controller", () => {
  test("lies within the bounds, and these within what the quickest exchange took", () => {
    const offset = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const exchanges = fc.array(delaysMs, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(offset, exchanges, (aheadMs, delays) => {
        const all = delays.map((each, at) => exchange(1, 1e12 + at * 777.7, aheadMs, each));
        const { min, max } = clockOf(all)!.aheadMs;
        expect(min).toBeLessThanOrEqual(aheadMs);
        expect(max).toBeGreaterThanOrEqual(aheadMs);
        const quickestMs = Math.min(...all.map(({ sentMs, arrivedMs }) => arrivedMs - sentMs));
        expect(max - min).toBeLessThanOrEqual(quickestMs + 2);
      }),
    );
  });

  test("is that of the last controller, since the clock was set last", () => {
    const quick = { wayThereMs: 1, wayBackMs: 1 };
    const moved = [exchange(1, 1e12, 0, quick), exchange(2, 1e12, 500, quick)];
    expect(clockOf(moved)).toEqual({ nodeId: 2, aheadMs: { min: 498, max: 502 } });
    const set = [exchange(1, 1e12, 0, quick), exchange(1, 1e12, -3000, quick)];
    expect(clockOf(set)).toEqual({ nodeId: 1, aheadMs: { min: -3002, max: -2998 } });
    expect(clockOf([])).toBeUndefined();
  });

  test("is this machine's where the controller runs on it", async () => {
    const cluster = await sharedCluster();
    const servers = { "bootstrap.servers": cluster.bootstrapServers.PLAINTEXT };
    const found = await measureControllerClock(await adminConf(servers), environment, unstopped);
    expect(found.nodeId).toBe(1);
    expect(found.aheadMs.min).toBeLessThanOrEqual(0);
    expect(found.aheadMs.max).toBeGreaterThanOrEqual(0);
  }, 90_000);
});
