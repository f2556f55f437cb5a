// The verdicts hold what was measured against what is asked.

import { expect, test } from "bun:test";
import { idleVerdicts, type Sample, verdicts } from "./verdicts.ts";

function sample(fileSystem: string, job: string, value: number, cpuUsPerOperation = 1): Sample {
  return { fileSystem, job, round: 0, value, cpuUsPerOperation };
}

test("a ratio is of medians, and only what was measured has a verdict", () => {
  const samples = [
    ...[3, 2, 1].map((value) => sample("ours", "stat", value)),
    ...[1, 1.9, 9].map((value) => sample("C Kibosh", "stat", value)),
  ];
  expect(verdicts(samples, ["stat"])).toEqual([
    {
      what: "stat: ours to C Kibosh",
      target: "at least 1.15x",
      measured: "1.05x",
      isReached: false,
    },
  ]);
});

test("a file system that caches alike must be no faster and use no less CPU", () => {
  const samples = [
    sample("ours", "create", 10, 50),
    sample("passthrough_ll cache=never", "create", 10, 40),
  ];
  expect(verdicts(samples, ["create"]).map(({ isReached }) => isReached)).toEqual([true, false]);
});

test("what idles must be small", () => {
  const reached = idleVerdicts({ memoryMb: 19, cpuPercent: 1.2, helperKb: 206 });
  expect(reached.map(({ isReached }) => isReached)).toEqual([true, false, true]);
});
