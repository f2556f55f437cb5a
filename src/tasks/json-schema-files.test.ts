// docs/schema holds what `trogdor schema` prints, for those who link to it.

import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { taskTypes } from "./registry.ts";
import { registryJsonSchema, taskJsonSchema } from "./task-json-schema.ts";

const folder = join(import.meta.dir, "../../docs/schema");

const expected = new Map<string, unknown>([
  ["trogdor.schema.json", registryJsonSchema()],
  ...taskTypes.map((type) => [`${type.shortName}.schema.json`, taskJsonSchema(type)] as const),
]);

describe("docs/schema", () => {
  test("holds one file for each task type and one for all", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
    expect(files.sort()).toEqual([...expected.keys()].sort());
  });

  // When this fails: trogdor schema [TYPE] > docs/schema/[TYPE].schema.json, then format it.
  test.each([...expected])("%s is up to date", (name, schema) => {
    const file = JSON.parse(readFileSync(join(folder, name), "utf8"));
    expect(file).toEqual(JSON.parse(JSON.stringify(schema)));
  });
});
