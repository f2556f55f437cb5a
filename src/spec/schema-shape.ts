// The members of valibot's schemas by which the printer and the overrides walk along them.

import * as v from "valibot";

export type SchemaShape =
  | { type: "nullish"; wrapped: v.GenericSchema; default: unknown }
  | { type: "lazy"; getter: (input: unknown) => v.GenericSchema }
  | { type: "variant"; key: string; options: readonly v.GenericSchema[] }
  | { type: "strict_object"; entries: Readonly<Record<string, v.GenericSchema>> }
  | { type: "array"; item: v.GenericSchema }
  | { type: "record"; value: v.GenericSchema }
  | { type: "unknown" };

export function shapeOf(schema: v.GenericSchema): SchemaShape {
  return schema as unknown as SchemaShape;
}

/** The shape below defaults and lazy references. */
export function coreShapeOf(schema: v.GenericSchema): SchemaShape {
  const shape = shapeOf(schema);
  if (shape.type === "nullish") return coreShapeOf(shape.wrapped);
  if (shape.type === "lazy") return coreShapeOf(shape.getter(undefined));
  return shape;
}

/** The option of a union that an object belongs to, raw or parsed, by the word that selects it. */
export function variantOption(
  shape: { key: string; options: readonly v.GenericSchema[] },
  value: unknown,
): v.GenericSchema | undefined {
  const word = (value as Readonly<Record<string, unknown>> | null | undefined)?.[shape.key];
  return shape.options.find((option) => {
    const core = coreShapeOf(option);
    const selector = core.type === "strict_object" ? core.entries[shape.key] : undefined;
    return selector !== undefined && v.is(selector, word);
  });
}
