// Add-ons are loaded from files without a name, and each is the one that was asked for.

import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadAddOn } from "./load-add-on.ts";
import { type Architecture, BATCHES_ADD_ON, buildNativeProgram } from "./native-programs.ts";
import { hostTarget } from "./targets.ts";

const PACKAGE = resolve(import.meta.dir, "../../node_modules", hostTarget().crc32Package);

test("two add-ons that are loaded in turn do not stand for each other", async () => {
  const own = await buildNativeProgram(BATCHES_ADD_ON, process.arch as Architecture);
  const other = readdirSync(PACKAGE).find((file) => file.endsWith(".node"));
  expect(loadAddOn(own)).toHaveProperty("tally");
  expect(loadAddOn(join(PACKAGE, other ?? ""))).not.toHaveProperty("tally");
  expect(loadAddOn(own)).toHaveProperty("tally");
});
