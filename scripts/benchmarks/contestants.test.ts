// What each program prints is read as it prints it.

import { describe, expect, test } from "bun:test";
import { contestant } from "./contestants.ts";

const javaOutput = `Starting agent process.
Waiting for completion of task:{
  "maxMessages" : 1000
}
Task succeeded with status {
  "totalSent" : 1000,
  "averageLatencyMs" : 4.507,
  "p50LatencyMs" : 3
}
Running agent shutdown hook.
`;

const perfOutput = `1170881 records sent, 234176.2 records/sec (114.34 MB/sec), 250.1 ms avg latency
5000000 records sent, 241234.5 records/sec (117.79 MB/sec), 241.00 ms avg latency, \
600.00 ms max latency, 250 ms 50th, 300 ms 95th, 310 ms 99th, 590 ms 99.9th.
`;

describe("a report", () => {
  test("of the Java Trogdor is the status behind its last line", () => {
    const { resultPattern, readReport } = contestant("java-trogdor");
    expect(resultPattern?.test(javaOutput)).toBe(true);
    // Before the last line of the status, and without what follows it when the agent hangs there.
    expect(resultPattern?.test(javaOutput.slice(0, 150))).toBe(false);
    expect(resultPattern?.test(javaOutput.replace(/Running.*\n/, ""))).toBe(true);
    expect(readReport(javaOutput)).toMatchObject({ messagesSent: 1000, text: { p50LatencyMs: 3 } });
  });

  test("of a failed Java run is none", () => {
    const failed = javaOutput.replace("succeeded", "failed");
    expect(() => contestant("java-trogdor").readReport(failed)).toThrow("no result");
  });

  test("of kafka-producer-perf-test is its last line", () => {
    const report = contestant("perf-test").readReport(perfOutput);
    expect(report).toMatchObject({ messagesSent: 5_000_000, messagesPerSec: 241_234.5 });
    const unfinished = perfOutput.split("\n")[0]!;
    expect(() => contestant("perf-test").readReport(unfinished)).toThrow("no result");
  });

  test("of this Trogdor is its status", () => {
    const { readReport } = contestant("trogdor");
    expect(readReport('{"totalSent": 7, "achievedMessagesPerSec": 9.5}')).toMatchObject({
      messagesSent: 7,
      messagesPerSec: 9.5,
    });
    expect(() => readReport("null")).toThrow("totalSent");
  });
});
