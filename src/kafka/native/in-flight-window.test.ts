// The window against a way to a broker that is modelled: a fixed travel time, one request served
// after the other.

import { describe, expect, test } from "bun:test";
import { createInFlightWindow } from "./in-flight-window.ts";

/** Keeps the window full for `requests` requests and answers the limit at the end. */
function limitAfter(maxInFlight: number, travelUs: number, serviceUs: number, requests = 500) {
  const window = createInFlightWindow(maxInFlight);
  const flying: { sentUs: number; inFlight: number; answeredUs: number }[] = [];
  let nowUs = 0;
  let brokerFreeUs = 0;
  for (let sent = 0; sent < requests; ) {
    if (flying.length < window.limit) {
      brokerFreeUs = Math.max(brokerFreeUs, nowUs + travelUs / 2) + serviceUs;
      const answeredUs = brokerFreeUs + travelUs / 2;
      flying.push({ sentUs: nowUs, inFlight: flying.length + 1, answeredUs });
      sent++;
      continue;
    }
    const answer = flying.shift()!;
    nowUs = answer.answeredUs;
    window.answered(nowUs - answer.sentUs, answer.inFlight, nowUs);
  }
  return window.limit;
}

describe("the in-flight window", () => {
  test("sinks to two where the broker is beside the client", () => {
    expect(limitAfter(5, 50, 1000)).toBeLessThanOrEqual(3);
  });

  test("stays as large as it may be where the way is long", () => {
    expect(limitAfter(5, 100_000, 1000)).toBe(5);
  });

  test("never leaves the bound of max.in.flight.requests.per.connection", () => {
    expect(limitAfter(1, 50, 1000)).toBe(1);
    expect(limitAfter(1, 100_000, 10)).toBe(1);
  });

  test("grows again when the way gets longer", () => {
    const window = createInFlightWindow(5);
    for (let i = 0; i < 100; i++) window.answered(i === 0 ? 1000 : 5000, 5, i * 5000);
    expect(window.limit).toBe(2);
    // Behind the window of the shortest round trip, the long way is known as such.
    for (let i = 0; i < 400; i++) window.answered(100_000, 2, 500_000 + i * 100_000);
    expect(window.limit).toBe(5);
  });
});
