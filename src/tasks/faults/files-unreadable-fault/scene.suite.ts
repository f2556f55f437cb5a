// A plain file that stands for the control file of a mount, with a fault of someone else in it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MakeScene } from "../../fault-scene.suite.ts";

const foreign =
  '{"faults":[{"type":"read_delay","prefix":"/x","delay_ms":10,"fraction":1.0}],"note":[1e3]}';

export const makeScene: MakeScene = async () => {
  const mount = mkdtempSync(join(tmpdir(), "trogdor-control-"));
  const control = join(mount, "kibosh_control");
  writeFileSync(control, foreign);
  return {
    spec: {
      class: "FilesUnreadableFault",
      durationMs: 60_000,
      nodeNames: ["a"],
      mountPath: `${mount}/`,
      prefix: "/topic-0",
      errorCode: 5,
    },
    node: "a",
    nodes: { a: "192.0.2.1" },
    picture: async () => readFileSync(control, "utf8"),
    removeEffect: async () => writeFileSync(control, foreign),
    vanish: async () => rmSync(mount, { recursive: true }),
    [Symbol.asyncDispose]: async () => rmSync(mount, { recursive: true, force: true }),
  };
};
