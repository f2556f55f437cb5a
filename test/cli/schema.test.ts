// The JSON Schema that the program prints: complete, and its references lead somewhere.

import { describe, expect, test } from "bun:test";
import { taskTypes } from "../../src/tasks/registry.ts";
import { trogdor } from "./trogdor.ts";

async function schema(...args: string[]): Promise<unknown> {
  return JSON.parse((await trogdor(["schema", ...args])).stdout);
}

/** Every `$ref` that the document does not resolve. */
function danglingReferences(document: unknown): string[] {
  const references: string[] = [];
  JSON.stringify(document, (key, value) => {
    if (key === "$ref") references.push(String(value));
    return value;
  });
  return references.filter((reference) => {
    let at: unknown = document;
    for (const name of reference.replace(/^#\//, "").split("/")) {
      at = (at as Record<string, unknown> | undefined)?.[name];
    }
    return at === undefined;
  });
}

describe("the schema", () => {
  test.each(taskTypes.map((type) => type.shortName))("of %s is whole", async (name) => {
    const document = await schema(name);
    expect(document).toMatchObject({ title: name, type: "object", additionalProperties: false });
    expect(danglingReferences(document)).toEqual([]);
  });

  test("of all task types is whole and has each of them", async () => {
    const document = await schema();
    expect(danglingReferences(document)).toEqual([]);
    const titles = (document as { oneOf: { title: string }[] }).oneOf.map(({ title }) => title);
    expect(titles).toEqual(taskTypes.map((type) => type.shortName));
  });

  test("is found by the full Java name as well", async () => {
    expect(await schema("org.apache.kafka.trogdor.task.NoOpTaskSpec")).toEqual(
      await schema("NoOp"),
    );
  });
});
