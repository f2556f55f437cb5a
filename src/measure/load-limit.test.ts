// A table of loads and what limited them.

import { describe, expect, test } from "bun:test";
import { type LoadLags, type LoadLimit, loadLimit } from "./load-limit.ts";

const onTime: LoadLags = {
  elapsedUs: 60e6,
  sendLagUs: 0,
  answerLagUs: 0,
  blockedUs: 0,
  busyUs: 0,
  cpuShare: 0.3,
};

const cases: [string, Partial<LoadLags>, LoadLimit][] = [
  ["on schedule", {}, { rateReached: true, limitedBy: "none" }],
  [
    "a past stall that was made up for",
    { blockedUs: 4e6, busyUs: 1e6 },
    { rateReached: true, limitedBy: "none" },
  ],
  [
    "sends late by less than the share",
    { sendLagUs: 250_000 },
    { rateReached: true, limitedBy: "none" },
  ],
  [
    "sends behind, mostly waiting for room",
    { sendLagUs: 3e6, blockedUs: 2e6, busyUs: 1e6 },
    { rateReached: false, limitedBy: "broker" },
  ],
  [
    "sends behind, mostly making records",
    { sendLagUs: 3e6, blockedUs: 1e6, busyUs: 2e6 },
    { rateReached: false, limitedBy: "generator" },
  ],
  [
    "sends behind, waiting for room while the process used up its core",
    { sendLagUs: 3e6, blockedUs: 2e6, busyUs: 1e6, cpuShare: 0.99 },
    { rateReached: false, limitedBy: "generator" },
  ],
  [
    "all sent in time into a large buffer, answers behind",
    { answerLagUs: 5e6 },
    { rateReached: false, limitedBy: "broker" },
  ],
];

describe("loadLimit", () => {
  test.each(cases)("%s", (_, lags, expected) => {
    expect(loadLimit({ ...onTime, ...lags })).toEqual(expected);
  });
});
