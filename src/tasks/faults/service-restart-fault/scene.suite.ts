// A service that is a file: it runs while the file is there.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MakeScene } from "../../fault-scene.suite.ts";

export const makeScene: MakeScene = async () => {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-service-"));
  const running = join(folder, "running");
  writeFileSync(running, "");
  return {
    spec: {
      class: "ServiceRestartFault",
      durationMs: 60_000,
      nodeNames: ["a"],
      stopCommand: ["rm", running],
      startCommand: ["sh", "-c", `mkdir -p ${folder} && touch ${running}`],
      statusCommand: ["test", "-e", running],
    },
    node: "a",
    nodes: { a: "192.0.2.1" },
    picture: async () => (existsSync(running) ? "runs" : "does not run"),
    removeEffect: async () => writeFileSync(running, ""),
    vanish: async () => rmSync(folder, { recursive: true }),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
};
