// The command line of the bench.

import { describe, expect, test } from "bun:test";
import { readBenchOptions } from "./bench-options.ts";

describe("the bench's options", () => {
  test("are the full load when nothing is asked for", () => {
    expect(readBenchOptions(["produce"])).toMatchObject({
      parts: new Set(["load"]),
      rounds: 5,
      messages: 5_000_000,
      contestants: ["trogdor", "java-trogdor", "perf-test", "kafkajs"],
    });
  });

  test("can choose parts and programs", () => {
    const options = readBenchOptions(["produce", "--paced", "--only", "perf-test,trogdor"]);
    expect(options?.parts).toEqual(new Set(["paced"]));
    expect(options?.contestants).toEqual(["trogdor", "perf-test"]);
    expect(readBenchOptions(["produce", "--all"])?.parts.size).toBe(3);
  });

  test("are small when it has to be quick, where nothing else is said", () => {
    const options = readBenchOptions(["produce", "--quick", "--messages", "1,000"]);
    expect(options).toMatchObject({ rounds: 1, messages: 1_000, pacedSeconds: 5, starts: 3 });
  });

  test("name everything that is wrong at once", () => {
    const args = ["consume", "--rounds", "0", "--messages", "many", "--only", "trogdor,franz"];
    expect(() => readBenchOptions(args)).toThrow(
      '"consume": expected the one command "produce"\n' +
        '--rounds "0": expected a whole number from 1 to 100\n' +
        '--messages "many": expected a whole number from 1 to 50000000\n' +
        '--only "franz": expected some of trogdor, java-trogdor, perf-test, kafkajs',
    );
  });

  test("are none when help is wanted", () => {
    expect(readBenchOptions(["--help"])).toBeUndefined();
  });
});
