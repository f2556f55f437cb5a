// The units in deploy/systemd are ones that systemd accepts, and say what the daemons rely on.

import { describe, expect, test } from "bun:test";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../cli/temporary-folder.ts";
import { root } from "../tidy/source-files.ts";

const folder = join(root, "deploy/systemd");
const units = readdirSync(folder).filter((name) => name.endsWith(".service"));

describe("the systemd units", () => {
  test("are there for both daemons", () => {
    expect(units.sort()).toEqual(["trogdor-agent@.service", "trogdor-coordinator@.service"]);
  });

  test.each(units)("%s stops a daemon in order, and knows the exit code of that", (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    expect(text).toContain("\nKillMode=mixed\n");
    expect(text).toContain("\nSuccessExitStatus=143\n");
    expect(text.includes("\nExecStopPost=/usr/local/bin/trogdor agent --cleanup")).toBe(
      name.startsWith("trogdor-agent"),
    );
  });

  test("are accepted by systemd-analyze", () => {
    const analyze = Bun.which("systemd-analyze");
    if (analyze === null) throw new Error("no systemd-analyze: run scripts/bootstrap --browser");
    using copy = temporaryFolder();
    for (const name of units) {
      copyFileSync(join(folder, name), join(copy.path, name));
      const text = readFileSync(join(folder, name), "utf8");
      // The program need not be installed for this.
      writeFileSync(join(copy.path, name), text.replaceAll("/usr/local/bin/trogdor", "/bin/true"));
    }
    const paths = units.map((name) => join(copy.path, name));
    const { stderr, exitCode } = Bun.spawnSync([analyze, "verify", "--man=no", ...paths]);
    const about = stderr
      .toString()
      .split("\n")
      .filter((line) => line.includes("trogdor"));
    expect({ about, exitCode }).toEqual({ about: [], exitCode: 0 });
  });
});
