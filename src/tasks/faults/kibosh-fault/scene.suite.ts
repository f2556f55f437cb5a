// A mount of the real file system with a file in it.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mountFolder, run } from "../../../../kibosh/mounted-folder.suite.ts";
import type { MakeScene } from "../../fault-scene.suite.ts";

export const makeScene: MakeScene = async () => {
  const mount = await mountFolder({
    prepare: (target) => writeFile(join(target, "data"), "content"),
  });
  return {
    spec: {
      class: "KiboshFault",
      durationMs: 60_000,
      nodeNames: ["a"],
      mountPath: mount.mirror,
      faults: [
        { type: "unreadable", prefix: "/data", code: 5 },
        { type: "write_delay", prefix: "/", delay_ms: 5, fraction: 1 },
      ],
    },
    node: "a",
    nodes: { a: "192.0.2.1" },
    async picture() {
      const [control, data] = [mount.control, join(mount.mirror, "data")];
      const read = await run("cat", control, data);
      return `${read.out} ${read.err} ${read.exitCode}`;
    },
    removeEffect: () => mount.set('{"faults":[]}'),
    vanish: async () => await mount[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: async () => await mount[Symbol.asyncDispose](),
  };
};
