// JSON Schema of the specs, for editors and other programs, made from the same schemas that parse
// them.

import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import { payloadGenerator } from "../measure/payload/payload-spec.ts";
import type { TaskType } from "./define-task.ts";
import { taskTypes } from "./registry.ts";

/** The JSON Schema (draft-07) of one task type's spec. */
export function taskJsonSchema(taskType: TaskType): JsonSchema {
  const schema = toJsonSchema(taskType.schema, {
    typeMode: "input",
    definitions: { payloadGenerator },
    // Checks of a generator as a whole have no words in JSON Schema.
    ignoreActions: ["raw_check", "min_value"],
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type === "array") return singleOrList(jsonSchema);
      return valibotSchema.type === "nullish" ? withNull(jsonSchema) : undefined;
    },
  });
  const { $defs, ...rest } = schema;
  const isUsed = $defs !== undefined && JSON.stringify(rest).includes("#/$defs/");
  const titles = { title: taskType.shortName, description: taskType.summary };
  return { ...rest, ...titles, ...(isUsed ? { $defs } : {}) };
}

/** One schema that accepts the spec of any task type. */
export function registryJsonSchema(types: readonly TaskType[] = taskTypes): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const options = types.map((type) => {
    const { $schema: _, $defs: own, ...schema } = taskJsonSchema(type);
    Object.assign(definitions, own);
    return schema;
  });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Trogdor task spec",
    oneOf: options,
    $defs: definitions,
  };
}

/** A list field takes a single value as well. */
function singleOrList(schema: JsonSchema): JsonSchema {
  const { items } = schema;
  return typeof items === "object" && !Array.isArray(items) ? { anyOf: [schema, items] } : schema;
}

/** `type: [..., "null"]` where that says it, which editors show better than anyOf. */
function withNull(schema: JsonSchema): JsonSchema | undefined {
  const [inner] = schema.anyOf ?? [];
  if (typeof inner !== "object" || inner.type === undefined || inner.$ref) return undefined;
  const types = Array.isArray(inner.type) ? inner.type : [inner.type];
  const byDefault = schema.default === undefined ? {} : { default: schema.default };
  return { ...inner, type: [...types, "null"], ...byDefault };
}
