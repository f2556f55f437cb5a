// Native programs run from memory, and from a private folder where memory is refused.

import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realNativePrograms } from "./real-native-programs.ts";

function version(path: string): string {
  return Bun.spawnSync([path, "--version"]).stdout.toString().trim();
}

describe("a native program", () => {
  test("runs from a sealed file in memory, which cannot be changed", () => {
    const path = realNativePrograms().pathOf("guard");
    expect(path).toStartWith("/proc/self/fd/");
    expect(version(path)).toBe("trogdor-guard 1");
    expect(() => writeFileSync(path, "something else")).toThrow();
  });

  test("is placed once", () => {
    const programs = realNativePrograms();
    expect(programs.pathOf("guard")).toBe(programs.pathOf("guard"));
  });

  test("runs from a private file in the state folder where memory is refused", () => {
    const stateDir = mkdtempSync(join(tmpdir(), "trogdor-native-"));
    const path = realNativePrograms({ stateDir, usesMemory: false }).pathOf("guard");
    expect(path).toStartWith(`${stateDir}/`);
    expect(statSync(path).mode & 0o777).toBe(0o500);
    expect(version(path)).toBe("trogdor-guard 1");
    rmSync(stateDir, { recursive: true });
  });

  test("goes elsewhere when the state folder cannot be used", () => {
    const stateDir = join(tmpdir(), "no-such-folder");
    const path = realNativePrograms({ stateDir, usesMemory: false }).pathOf("guard");
    expect(version(path)).toBe("trogdor-guard 1");
    expect(readdirSync(tmpdir())).not.toContain("no-such-folder");
  });
});
