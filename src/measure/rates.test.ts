// Rates of the whole run and of the last interval.

import { describe, expect, test } from "bun:test";
import { createRateMeter } from "./rates.ts";

describe("rate meter", () => {
  test("tells the run's rate and the last interval's", () => {
    const meter = createRateMeter(1e6);
    expect(meter.sample(2e6, 100, 5000)).toEqual({
      elapsedMs: 1000,
      messagesPerSec: 100,
      bytesPerSec: 5000,
      intervalMessagesPerSec: 100,
      intervalBytesPerSec: 5000,
    });
    expect(meter.sample(4e6, 700, 5000)).toEqual({
      elapsedMs: 3000,
      messagesPerSec: 233.3,
      bytesPerSec: 1666.7,
      intervalMessagesPerSec: 300,
      intervalBytesPerSec: 0,
    });
  });

  test("a look right after another keeps the interval before it", () => {
    const meter = createRateMeter(0);
    meter.sample(1e6, 100, 0);
    meter.sample(2e6, 400, 0);
    expect(meter.sample(2e6 + 10, 400, 0).intervalMessagesPerSec).toBe(300);
  });

  test("is 0 when no time has passed", () => {
    expect(createRateMeter(5).sample(5, 3, 9).messagesPerSec).toBe(0);
  });
});
