// The whole control plane in simulated time: its invariants hold for a thousand seeds and some
// fresh ones, each planted bug is found, and a seed always tells the same story. A failure is seen
// again with `scripts/sim --seed S`.

import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { plantedBugs } from "../core/planted-bugs.ts";
import { simulate } from "./simulate.ts";
import { missingDisturbances, simulateMany } from "./simulate-many.ts";

const seeds = 1000;
const freshSeeds = 100;
const limitMs = 120_000;

function failureText(failures: ReturnType<typeof simulateMany>["failures"]): string[] {
  return failures.map(({ seed, violations }) => {
    return `scripts/sim --seed ${seed}: ${violations.join("; ")}`;
  });
}

describe("the simulated cluster", () => {
  test(
    "keeps its invariants, and is disturbed in every way",
    () => {
      const { failures, counts } = simulateMany({ firstSeed: 1, seeds });
      expect(failureText(failures)).toEqual([]);
      expect(missingDisturbances(counts)).toEqual([]);
    },
    limitMs,
  );

  test(
    "keeps them for seeds that nobody has run before",
    () => {
      const firstSeed = 1_000_000_000 + (Date.now() % 1_000_000_000);
      const { failures } = simulateMany({ firstSeed, seeds: freshSeeds });
      expect(failureText(failures)).toEqual([]);
    },
    limitMs,
  );

  test.each(plantedBugs)(
    "shows the planted bug %s",
    (bug) => {
      const { failures } = simulateMany({ firstSeed: 1, seeds, bug, stopsAtFailure: true });
      expect(failures.length).toBe(1);
      const { seed } = failures[0]!;
      expect(simulate({ seed, plantedBugs: new Set([bug]) }).violations).toEqual(
        failures[0]!.violations,
      );
    },
    limitMs,
  );

  test(
    "tells the same story for the same seed, in another process too",
    () => {
      const program = resolve(import.meta.dir, "../../scripts/simulation/main.ts");
      const command = [process.execPath, "--no-env-file", program, "--digests", "--seeds", "30"];
      const { stdout } = Bun.spawnSync(command);
      const digests: string[] = [];
      simulateMany({
        firstSeed: 1,
        seeds: 30,
        onResult: ({ seed, digest }) => digests.push(`${seed} ${digest}`),
      });
      expect(stdout.toString().trimEnd().split("\n")).toEqual(digests);
      expect(new Set(digests).size).toBe(30);
      const [first, second] = [1, 2].map(() => simulate({ seed: 3, keepsTrace: true }).trace);
      expect(first).toEqual(second!);
      expect(first!.length).toBeGreaterThan(100);
    },
    limitMs,
  );
});
