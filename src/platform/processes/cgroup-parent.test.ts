// Where the kernel says that a process is, in the arrangements that are found on nodes.

import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cgroupFolders, removeOldCgroups } from "./cgroup-parent.ts";

const v2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const hybrid =
  "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n" +
  "38 31 0:35 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n" +
  "39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n" +
  "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
const container = "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n";
const blank = "30 23 0:26 / /mnt/my\\040groups rw - cgroup2 cgroup2 rw\n";

describe("the cgroups of a process", () => {
  test.each([
    [
      "version 2",
      "0::/system.slice/trogdor.service\n",
      v2,
      ["/sys/fs/cgroup/system.slice/trogdor.service"],
    ],
    [
      "both versions",
      "8:pids:/a\n7:blkio:/b\n0::/c\n",
      hybrid,
      ["/sys/fs/cgroup/unified/c", "/sys/fs/cgroup/pids/a"],
    ],
    ["a container's root", "0::/docker/abc\n", container, ["/sys/fs/cgroup/"]],
    ["below a container's root", "0::/docker/abc/d\n", container, ["/sys/fs/cgroup/d"]],
    ["a path with blanks", "0::/x\n", blank, ["/mnt/my groups/x"]],
    ["none", "", "", []],
    ["none that is mounted", "0::/x\n", "", []],
  ])("are found with %s", (_, own, mounts, expected) => {
    expect(cgroupFolders(own, mounts)).toEqual(expected);
  });
});

describe("old cgroups", () => {
  test("of ours are removed when nothing is in them", () => {
    const parent = mkdtempSync(join(tmpdir(), "trogdor-cgroups-"));
    const nowS = Date.now() / 1000;
    const names = ["trogdor-old", "trogdor-used/inner", "trogdor-young", "system.slice"];
    for (const name of names) mkdirSync(join(parent, name), { recursive: true });
    for (const name of ["trogdor-old", "trogdor-used", "system.slice"]) {
      utimesSync(join(parent, name), nowS - 3600, nowS - 3600);
    }
    removeOldCgroups(parent, nowS * 1000);
    expect(readdirSync(parent).toSorted()).toEqual([
      "system.slice",
      "trogdor-used",
      "trogdor-young",
    ]);
    rmSync(parent, { recursive: true });
  });
});
