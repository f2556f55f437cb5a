// Every line of the daemons' state machines is run by their own tests.

import { expect, test } from "bun:test";
import { root } from "./tidy/source-files.ts";

test("the tests of the state machines cover all of them", () => {
  const folders = ["src/core/coordinator", "src/core/agent"];
  const run = Bun.spawnSync([process.execPath, "test", "--coverage", ...folders, "src/core/ref"], {
    cwd: root,
    timeout: 50_000,
  });
  const report = run.stderr.toString() + run.stdout.toString();
  const rows = report.split("\n").flatMap((line) => {
    const [name = "", functions = "", lines = ""] = line.split("|").map((cell) => cell.trim());
    const isMachine = name.endsWith(".ts") && folders.some((folder) => name.startsWith(folder));
    return isMachine && !name.includes(".suite.") ? [{ name, functions, lines }] : [];
  });
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.filter((row) => row.functions !== "100.00" || row.lines !== "100.00")).toEqual([]);
});
