// The helper under gcc's sanitizers: fed with malformed requests, and through the other tests of
// this folder. A finding ends the process, and leaves its report in the folder that is looked at.

import { describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./mounted-folder.suite.ts";
import { type Sanitizer, sanitizedBuild } from "./sanitized-builds.suite.ts";

const limitMs = 150_000;

async function reports(folder: string): Promise<string> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.join("\n").slice(0, 5000);
}

describe("malformed requests", () => {
  test.each([1, 2, 3])(
    "harm nothing, with seed %d",
    async (seed) => {
      const program = await sanitizedBuild("address", "requests-test");
      const folder = await mkdtemp(join(tmpdir(), "kibosh-requests-"));
      // Of a size that random numbers cannot exceed, and seen by this program only.
      const script = `mount -t tmpfs -o size=64m,nr_inodes=5000 none ${folder} &&
      ASAN_OPTIONS=detect_leaks=0 exec ${program} ${folder} ${seed} 60000`;
      const { exitCode, err } = await run("unshare", "--mount", "sh", "-c", script);
      await rm(folder, { recursive: true });
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    },
    limitMs,
  );
});

describe("the other tests", () => {
  // Each kind has what it finds: all of memory's, and for threads those with many at once.
  const runs: [Sanitizer, string[]][] = [
    [
      "address",
      ["carried-over", "control-file", "crash", "faults", "life", "matching", "own-faults"],
    ],
    ["thread", ["control-file", "crash", "faults", "many-at-once"]],
  ];
  test.each(runs)(
    "pass with the %s sanitizer and without a report",
    async (sanitizer, names) => {
      const helper = await sanitizedBuild(sanitizer, "helper");
      const folder = await mkdtemp(join(tmpdir(), "kibosh-reports-"));
      const options = `log_path=${folder}/report`;
      const files = names.map((name) => `./kibosh/${name}.test.ts`);
      const child = Bun.spawn(
        [process.execPath, "--no-env-file", "test", "--timeout=60000", ...files],
        {
          cwd: join(import.meta.dir, ".."),
          stdout: "ignore",
          stderr: "pipe",
          timeout: limitMs,
          env: {
            ...process.env,
            KIBOSH_HELPER: helper,
            ASAN_OPTIONS: options,
            UBSAN_OPTIONS: options,
            TSAN_OPTIONS: options,
          },
        },
      );
      const output = await new Response(child.stderr).text();
      const exitCode = await child.exited;
      const found = await reports(folder);
      await rm(folder, { recursive: true });
      expect(found).toBe("");
      if (exitCode !== 0) throw new Error(output.slice(-5000));
    },
    limitMs,
  );
});
