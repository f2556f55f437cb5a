// A process of the test itself, and a command that starts another one with the same mark.

import type { MakeScene } from "../../fault-scene.suite.ts";
import { restartOf, startedAs, startVictim } from "../../victim.suite.ts";

export const makeScene: MakeScene = async () => {
  const victim = await startVictim({ asJvm: false });
  const dispose = async () => {
    for (const one of await startedAs(victim.mark)) process.kill(one.pid, "SIGKILL");
    await victim[Symbol.asyncDispose]();
  };
  return {
    spec: {
      class: "ProcessKillFault",
      durationMs: 60_000,
      nodeNames: ["a"],
      command: `sleep ${victim.mark}`,
      restartCommand: restartOf(victim.mark),
    },
    node: "a",
    nodes: { a: "192.0.2.1" },
    picture: async () => `${(await startedAs(victim.mark)).length} running`,
    removeEffect: async () => {
      await Bun.spawn(restartOf(victim.mark)).exited;
      while ((await startedAs(victim.mark)).length === 0) await Bun.sleep(2);
    },
    vanish: async () => {},
    [Symbol.asyncDispose]: dispose,
  };
};
