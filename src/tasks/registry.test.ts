// What every registered task type owes: run over all of them.

import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import * as v from "valibot";
import { parseJson } from "../spec/json.ts";
import { printCompact } from "../spec/print.ts";
import { findTaskType } from "./find-task-type.ts";
import { canonicalTaskSpec, checkTaskSpec, parseTaskSpec } from "./parse-task-spec.ts";
import { taskTypes } from "./registry.ts";
import { registryJsonSchema, taskJsonSchema } from "./task-json-schema.ts";

const root = join(import.meta.dir, "../..");

/** The folders of task types, by kind of folder. */
function taskFolders(): string[] {
  return ["workloads", "faults"].flatMap((kind) => {
    const folder = join(import.meta.dir, kind);
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  });
}

function exampleIn(folder: string): string {
  return readFileSync(join(folder, "example.json"), "utf8");
}

/** Without comments, as other programs see it. */
function plainJson(text: string): unknown {
  return JSON.parse(printCompact(parseJson(text)));
}

function validator(schema: object) {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  return ajv.compile(schema);
}

describe("the registry", () => {
  test("lists every folder of a task type", () => {
    const examples = taskFolders().map((folder) => parseTaskSpec(exampleIn(folder)).taskType);
    expect(new Set(examples)).toEqual(new Set(taskTypes));
  });

  test("has no name twice", () => {
    const names = taskTypes.flatMap((type) => [type.className, type.shortName]);
    expect(new Set(names).size).toBe(names.length);
  });

  test("finds each type by each of its names", () => {
    for (const type of taskTypes) {
      for (const name of [type.className, type.shortName, `${type.shortName}Spec`]) {
        expect(findTaskType(name)).toBe(type);
      }
    }
  });

  test("has one schema for all that accepts each example", () => {
    const validate = validator(registryJsonSchema());
    for (const folder of taskFolders()) {
      expect(validate(plainJson(exampleIn(folder))) || validate.errors).toBe(true);
    }
  });
});

describe.each(taskFolders())("%s", (folder) => {
  const text = exampleIn(folder);
  const { taskType, spec } = parseTaskSpec(text);

  test("has an example without problems", async () => {
    expect(await checkTaskSpec(taskType, spec)).toEqual([]);
  });

  test("has a canonical form that is read back to the same form", () => {
    const canonical = canonicalTaskSpec(taskType, spec);
    expect(canonicalTaskSpec(taskType, parseTaskSpec(canonical).spec)).toBe(canonical);
  });

  test("has a canonical form of all defaults that is read back to the same form", () => {
    const defaults = parseTaskSpec(`{"class":"${taskType.className}"}`).spec;
    const canonical = canonicalTaskSpec(taskType, defaults);
    expect(canonicalTaskSpec(taskType, parseTaskSpec(canonical).spec)).toBe(canonical);
  });

  test("has a JSON Schema that accepts the example and refuses an unknown field", () => {
    const validate = validator(taskJsonSchema(taskType));
    const example = plainJson(text) as Record<string, unknown>;
    expect(validate(example) || validate.errors).toBe(true);
    expect(validate({ ...example, bogus: 1 })).toBe(false);
  });

  test("documents every field", () => {
    const { properties = {} } = taskJsonSchema(taskType);
    const undocumented = Object.entries(properties)
      .filter(([, field]) => typeof field !== "object" || !field.description)
      .map(([name]) => name);
    expect(undocumented).toEqual([]);
  });

  test("refuses unknown fields at the top", () => {
    const result = v.safeParse(taskType.schema, { ...spec, class: taskType.className, bogus: 1 });
    expect(result.success).toBe(false);
  });

  test("has a page that names every field, and a worker", async () => {
    const page = readFileSync(join(folder, "README.md"), "utf8");
    const { properties = {} } = taskJsonSchema(taskType);
    const missing = Object.keys(properties).filter((name) => !page.includes(`\`${name}\``));
    expect(missing).toEqual([]);
    expect(typeof (await taskType.loadWorker())).toBe("function");
  });
});

describe("the specs folder", () => {
  const files = readdirSync(join(root, "specs")).filter((name) => name.endsWith(".json"));

  test("has examples", () => {
    expect(files.length).toBeGreaterThan(3);
  });

  test.each(files)("%s has no problems and says what it is for", async (name) => {
    const text = readFileSync(join(root, "specs", name), "utf8");
    expect(text).toStartWith("//");
    const { taskType, spec } = parseTaskSpec(text);
    expect(await checkTaskSpec(taskType, spec)).toEqual([]);
    const validate = validator(taskJsonSchema(taskType));
    expect(validate(plainJson(text)) || validate.errors).toBe(true);
  });
});
