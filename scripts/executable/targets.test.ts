// Build targets are found by any of their names and never mix processors or libcs.

import { describe, expect, test } from "bun:test";
import { BUILD_TARGETS, findTarget } from "./targets.ts";

describe("a build target", () => {
  test.each(["arm64-musl", "linux-arm64-musl", "bun-linux-arm64-musl"])(
    "is found as %s",
    (name) => {
      expect(findTarget(name).name).toBe("linux-arm64-musl");
    },
  );

  test("takes its runtime and its add-on for the same processor and libc", () => {
    for (const { name, runtimePackage, crc32Package } of BUILD_TARGETS) {
      const isMusl = name.includes("musl");
      const isArm = name.includes("arm64");
      expect([name, runtimePackage.includes("musl"), runtimePackage.includes("aarch64")]).toEqual([
        name,
        isMusl,
        isArm,
      ]);
      expect(crc32Package).toEndWith(`linux-${isArm ? "arm64" : "x64"}-${isMusl ? "musl" : "gnu"}`);
    }
  });

  test("that nobody knows is refused with the names of all", () => {
    expect(() => findTarget("windows")).toThrow(/"windows": expected one of linux-x64, /);
  });
});
