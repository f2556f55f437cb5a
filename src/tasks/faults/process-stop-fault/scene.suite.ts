// Two processes that look like JVMs, of the test itself.

import type { MakeScene } from "../../fault-scene.suite.ts";
import { startVictim } from "../../victim.suite.ts";

export const makeScene: MakeScene = async () => {
  const first = await startVictim({ asJvm: true });
  const second = await startVictim({ asJvm: true, beside: first });
  const dispose = async () => {
    for (const victim of [first, second]) await victim[Symbol.asyncDispose]();
  };
  return {
    spec: {
      class: "ProcessStopFault",
      durationMs: 60_000,
      nodeNames: ["a"],
      javaProcessName: first.mark,
    },
    node: "a",
    nodes: { a: "192.0.2.1" },
    picture: async () => `${await first.state()}, ${await second.state()}`,
    removeEffect: async () => second.kill("SIGCONT"),
    vanish: dispose,
    [Symbol.asyncDispose]: dispose,
  };
};
