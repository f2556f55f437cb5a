// A simulated clock and a simulated service that keeps it right: the machine's own are everyone's.

import type { CommandResult } from "../../../platform/commands/commands.ts";
import {
  type SimulatedSystemClock,
  simulatedSystemClock,
} from "../../../platform/system-clock/simulated-system-clock.ts";
import type { FaultScene } from "../../fault-scene.suite.ts";

export interface ClockScene extends FaultScene {
  readonly systemClock: SimulatedSystemClock;
}

export const makeScene = async (): Promise<ClockScene> => {
  const systemClock = simulatedSystemClock();
  let isServiceActive = true;
  const run = async (command: readonly string[]): Promise<CommandResult> => {
    const [, verb, ...units] = command;
    if (verb === "stop") isServiceActive = false;
    if (verb === "start") isServiceActive = true;
    const states = units.map((unit) =>
      unit === "chronyd" && isServiceActive ? "active" : "inactive",
    );
    return { exitCode: 0, stdout: `${states.join("\n")}\n`, stderr: "" };
  };
  return {
    systemClock,
    spec: { class: "ClockSkewFault", durationMs: 60_000, nodeNames: ["a"], offsetMs: 5000 },
    node: "a",
    nodes: { a: "192.0.2.1" },
    stand: { systemClock, allowsClock: true, commands: { isRoot: true, run } },
    picture: async () => `off by ${systemClock.offsetMs} ms, service ${isServiceActive}`,
    removeEffect: async () => systemClock.setRealtimeUs(systemClock.realtimeUs() - 5_000_000),
    vanish: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
};
