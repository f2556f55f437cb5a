// --passthrough: the kernel reads and writes by itself, and what that means for faults.

import { describe, expect, test } from "bun:test";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readStatus } from "./mounted.ts";
import { errnoOf, fill, mountFolder, nonZeroBytes } from "./mounted-folder.suite.ts";

describe("pass-through", () => {
  test("reads and writes without asking, and later faults reach later opens", async () => {
    await using mount = await mountFolder({
      passthrough: true,
      prepare: (target) => fill(target, "a"),
    });
    const file = join(mount.mirror, "a");
    const [first, second] = [await open(file, "r+"), await open(file)];
    await first.write("changed", 0);
    const { buffer } = await second.read(Buffer.alloc(7), 0, 7, 0);
    expect(buffer.toString()).toBe("changed");
    expect((await readFile(join(mount.target, "a"))).length).toBe(nonZeroBytes().length);
    const { passthrough, operations } = await readStatus(mount.mirror);
    // Where the kernel cannot do it, it is done as always.
    if (passthrough) expect(operations["write"]).toBeUndefined();
    await mount.faults({ type: "unreadable", code: 5 });
    expect(await errnoOf(readFile(file))).toBe("EIO");
    const early = await errnoOf(second.read(Buffer.alloc(7), 0, 7, 0));
    expect(early).toBe(passthrough ? "" : "EIO");
    await first.close();
    await second.close();
  });
});
