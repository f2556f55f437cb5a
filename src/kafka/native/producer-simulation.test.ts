// The whole native producer against a model cluster in simulated time, for many seeds: whatever
// goes wrong, no acknowledged record is missing, none is in the log twice, the order is kept,
// everything gets an outcome in time, and no memory and no timer is left. A failure names its seed;
// the same seed runs the same way again.

import { describe, expect, test } from "bun:test";
import type { RecordSource } from "../client.ts";
import {
  everything,
  expirySlackMs,
  forAllSeeds,
  notAcknowledged,
  problems,
  seeds,
  simulate,
  simulateTime,
} from "./simulated-load.suite.ts";

simulateTime();

/** A record's key is its position; the value is always the same. */
const constantValue = new Uint8Array(130).fill(0x2a);
const constantSource: RecordSource = {
  fixedSizes: { key: 4, value: constantValue.byteLength },
  constantValue,
  keySize: () => 4,
  valueSize: () => constantValue.byteLength,
  writeKey(position, target, offset) {
    target.set(new TextEncoder().encode(String(position).padStart(4, "0")), offset);
  },
  writeValue: () => {
    throw new Error("a constant value is known");
  },
};
const constant = { idempotence: true, compression: "none", batchSizeBytes: 800 } as const;

const idempotent = { idempotence: true };
const hurried = { idempotence: true, deliveryTimeoutMs: 400 };

describe("the idempotent producer in simulated trouble", () => {
  test("acknowledges everything, once and in order, when it has time", async () => {
    await forAllSeeds({ mishaps: everything, conf: idempotent }, (run) => [
      ...problems(run),
      ...notAcknowledged(run),
    ]);
  });

  test("writes nothing twice though brokers do requests of lost connections", async () => {
    const mishaps = { ...everything, late: 0.5 };
    await forAllSeeds({ mishaps, conf: idempotent }, (run) => [
      ...problems(run),
      ...notAcknowledged(run),
    ]);
  });

  test("gives up after delivery.timeout.ms, and keeps its promises for the rest", async () => {
    const mishaps = { ...everything, connection: 0.15, rejection: 0.03 };
    let expired = 0;
    await forAllSeeds({ mishaps, conf: hurried }, (run) => {
      expired += [...run.outcomes.values()].filter((code) => code === "TIMED_OUT").length;
      const isLate = run.slowestMs > hurried.deliveryTimeoutMs + expirySlackMs;
      return [...problems(run), ...(isLate ? [`an outcome came after ${run.slowestMs} ms`] : [])];
    });
    expect(expired).toBeGreaterThan(0);
  });

  test("splits batches that the brokers find too large, which keeps the order", async () => {
    // A batch has room for ten and more of the small records; the large ones fail alone.
    const scenario = { mishaps: everything, conf: idempotent, batchBytesMax: 130 };
    await forAllSeeds(scenario, (run) => {
      const failed = [...run.outcomes].filter(([, code]) => code !== "ok");
      const wrong = failed.filter(([at, code]) => code !== "MESSAGE_TOO_LARGE" || at % 11 > 0);
      return [...problems(run), ...wrong.map(String)];
    });
  });

  test.each([
    ["", everything, 1000],
    [" though brokers do requests of lost connections", { ...everything, late: 0.5 }, 1000],
    [" though its batches are too large", everything, 400],
  ])("writes a constant value once and in order%s", async (_, mishaps, batchBytesMax) => {
    const scenario = { mishaps, conf: constant, source: constantSource, batchBytesMax };
    await forAllSeeds(scenario, (run) => [...problems(run), ...notAcknowledged(run)]);
  });

  test("ends when the epochs of its producer id are used up", async () => {
    const scenario = {
      mishaps: { ...everything, rejection: 0.3 },
      conf: idempotent,
      producerEpoch: 0x7ffe,
    };
    let ended = 0;
    await forAllSeeds(scenario, (run) => {
      if ([...run.outcomes.values()].includes("INVALID_PRODUCER_EPOCH")) ended += 1;
      return problems(run);
    });
    expect(ended).toBeGreaterThan(seeds / 2);
  });

  test("gives every record an outcome when it is closed in the middle", async () => {
    const codes = new Set<string>();
    for (const timeoutMs of [0, 30]) {
      const closing = { afterMs: 150, timeoutMs };
      await forAllSeeds({ mishaps: everything, conf: idempotent, closing }, (run) => {
        for (const code of run.outcomes.values()) codes.add(code);
        return problems(run);
      });
    }
    expect(codes).toEqual(new Set(["ok", "PRODUCER_CLOSED"]));
  });

  test("the same seed runs the same way again", async () => {
    const scenario = { mishaps: everything, conf: idempotent };
    const [first, second] = [await simulate(11, scenario), await simulate(11, scenario)];
    expect(first.trace.length).toBeGreaterThan(50);
    expect(first.trace).toEqual(second.trace);
  });
});

describe("the producer without idempotence in simulated trouble", () => {
  test("loses nothing that was acknowledged", async () => {
    const conf = { idempotence: false };
    await forAllSeeds({ mishaps: { ...everything, late: 0.2 }, conf }, (run) => [
      ...problems(run).filter((problem) => !/is twice|is behind/.test(problem)),
      ...notAcknowledged(run),
    ]);
  });
});
