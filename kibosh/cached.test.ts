// The same rules where the kernel has no shared mappings with direct I/O, and caches pages instead.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";

describe("with a page cache", () => {
  test("the other tests pass as well", async () => {
    const names = ["control-file", "crash", "faults", "matching", "own-faults", "transparency"];
    const files = names.map((name) => `./kibosh/${name}.test.ts`);
    const command = [process.execPath, "--no-env-file", "test", "--timeout=60000", ...files];
    const child = Bun.spawn(command, {
      cwd: join(import.meta.dir, ".."),
      stdout: "ignore",
      stderr: "pipe",
      timeout: 150_000,
      env: { ...process.env, KIBOSH_CACHED: "1" },
    });
    const output = await new Response(child.stderr).text();
    if ((await child.exited) !== 0) throw new Error(output.slice(-5000));
    expect(output).toContain(" 0 fail");
  }, 150_000);
});
