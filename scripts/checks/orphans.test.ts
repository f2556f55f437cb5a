// What a killed test leaves goes, and nothing of those who live.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { isMakerGone, makerMark } from "../kafka-cluster/maker-mark.ts";
import {
  identifyProcess,
  isAlive,
  type ProcessIdentity,
} from "../kafka-cluster/process-identity.ts";
import { isOrphan, removeOrphans } from "./orphans.ts";

interface Made {
  readonly folder: string;
  readonly mirror: string;
  readonly namespace: string;
  readonly process: ProcessIdentity;
}

let maker: Subprocess<"ignore", "pipe", "inherit">;
let made: Made;

interface Left {
  readonly isMounted: boolean;
  readonly hasFolder: boolean;
  readonly hasNamespace: boolean;
  readonly runs: boolean;
}

async function left(): Promise<Left> {
  return {
    isMounted: (await readFile("/proc/self/mountinfo", "utf8")).includes(made.mirror),
    hasFolder: existsSync(made.folder),
    hasNamespace: existsSync(`/run/netns/${made.namespace}`),
    runs: isAlive(made.process),
  };
}

const all = { isMounted: true, hasFolder: true, hasNamespace: true, runs: true };
const none = { isMounted: false, hasFolder: false, hasNamespace: false, runs: false };

describe("orphans", () => {
  beforeEach(async () => {
    maker = Bun.spawn([process.execPath, join(import.meta.dir, "killed-maker.ts")], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    const { value } = await maker.stdout.getReader().read();
    made = JSON.parse(new TextDecoder().decode(value)) as Made;
  });
  afterEach(async () => {
    maker.kill("SIGKILL");
    await maker.exited;
    await removeOrphans({ graceMs: 0 });
  });

  test("are no orphans while their maker lives", async () => {
    await removeOrphans({ graceMs: 0 });
    expect(await left()).toEqual(all);
  });

  test("go when their maker was killed", async () => {
    maker.kill("SIGKILL");
    await maker.exited;
    const ended = await removeOrphans({ graceMs: 0 });
    expect(await left()).toEqual(none);
    for (const what of [made.mirror, made.folder, made.namespace, String(made.process.pid)]) {
      expect(ended.join("\n")).toContain(what);
    }
  });
});

describe("what others named", () => {
  // Their marks would be those of processes that are gone.
  test("stays where it is mounted", async () => {
    const folder = mkdtempSync(join(tmpdir(), "orphans-"));
    const place = join(folder, "disk-99999999t1");
    mkdirSync(place);
    await Bun.$`mount -t tmpfs -o size=1m none ${place}`.quiet();
    try {
      await removeOrphans({ graceMs: 0 });
      expect(await readFile("/proc/self/mountinfo", "utf8")).toContain(place);
    } finally {
      await Bun.$`umount ${place}`.quiet().nothrow();
      rmSync(folder, { recursive: true });
    }
  });

  test.each(["disk-8t1", "8t1", "backup-99999999t1200", "latest-99999999t1-0"])(
    "is no orphan: %s",
    (name) => expect(isOrphan(name)).toBe(false),
  );

  test.each(["kibosh-test-", "trogdor-test-", "test-"])(
    "is told from what tests make: %s",
    (begin) => {
      expect(isOrphan(`${begin}99999999t1-0`)).toBe(true);
      expect(isOrphan(`${begin}${makerMark()}-0`)).toBe(false);
    },
  );
});

describe("a maker", () => {
  test("is gone when another process has its pid", () => {
    const { pid, startTicks } = identifyProcess(process.pid)!;
    expect(isMakerGone(`kibosh-test-${makerMark()}-x`)).toBe(false);
    expect(isMakerGone(`kibosh-test-${pid}t${startTicks + 1}-x`)).toBe(true);
  });

  test.each(["default", "test-4711-abc", "trogdor-test-XbT4d2", "a1t2-x", "1t2x"])(
    "is not guessed for the name %s",
    (name) => {
      expect(isMakerGone(name)).toBe(false);
    },
  );
});
