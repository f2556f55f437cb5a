// What a mount that does not answer costs, in simulated time.

import { describe, expect, test } from "bun:test";
import { createSimulatedClock } from "../../platform/clock/simulated-clock.ts";
import type { Files } from "../../platform/files/files.ts";
import { answeringFiles } from "./answering-files.ts";

describe("a mount that hangs", () => {
  test("fails its reader in time, is left alone until it answers, then serves again", async () => {
    const clock = createSimulatedClock();
    const answer = Promise.withResolvers<string>();
    let reads = 0;
    const files = {
      readText: async () => {
        reads += 1;
        return await answer.promise;
      },
    } as unknown as Files;
    const mount = answeringFiles({ files, clock });
    const read = mount.readText("/mnt/hanging/kibosh_status");
    const failed = expect(read).rejects.toThrow("/mnt/hanging did not answer within 20 s");
    await failed;
    const again = mount.readText("/mnt/hanging/kibosh_control");
    await expect(again).rejects.toThrow("/mnt/hanging still does not answer");
    expect(reads).toBe(1);
    answer.resolve("content");
    await answer.promise;
    await clock.sleep(1);
    expect(await mount.readText("/mnt/hanging/kibosh_status")).toBe("content");
  });

  test("passes on what goes wrong", async () => {
    const files = { readText: () => Promise.reject(new Error("EIO")) } as unknown as Files;
    const mount = answeringFiles({ files, clock: createSimulatedClock() });
    await expect(mount.readText("/mnt/broken/kibosh_status")).rejects.toThrow("EIO");
  });
});
