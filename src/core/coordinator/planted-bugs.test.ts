// The coordinator's planted bugs do what they say, and only when they are asked for.

import { describe, expect, test } from "bun:test";
import type { PlantedBug } from "../planted-bugs.ts";
import { CoordinatorDriver, reported } from "./coordinator-driver.suite.ts";

const drivers = (bug: PlantedBug) => [
  new CoordinatorDriver({ nodes: ["n1"] }),
  new CoordinatorDriver({ nodes: ["n1"], bug }),
];

describe("planted bugs", () => {
  test("lostStop: a stop that was lost is not repeated", () => {
    const calls = drivers("lostStop").map((driver) => {
      driver.running(["n1"]);
      driver.stop();
      driver.called("stop", "n1", 0n, "unavailable");
      driver.polled("n1", [[0n, reported("RUNNING")]]);
      return driver.calls().filter((call) => call.startsWith("stop"));
    });
    expect(calls).toEqual([["stop n1 0"], []]);
  });

  test("staleStatusOverwritesDone: what is over comes back to life", () => {
    const states = drivers("staleStatusOverwritesDone").map((driver) => {
      driver.running(["n1"]);
      const poll = driver.pollOf("n1");
      driver.polled("n1", [[0n, reported("DONE")]]);
      const workers = new Map([[0n, reported("RUNNING")]]);
      driver.send({ type: "polled", node: "n1", poll, workers });
      return driver.task()?.state;
    });
    expect(states).toEqual(["DONE", "RUNNING"]);
  });
});
