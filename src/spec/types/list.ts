// Lists and sets. The reference accepts a single value in place of a list with one element.

import * as v from "valibot";

type ListSchema<Item extends v.GenericSchema> = v.ArraySchema<Item, undefined>;

/** valibot's array that also takes one bare element; `x-single` marks it for the JSON Schema. */
export function listOf<const Item extends v.GenericSchema>(item: Item): ListSchema<Item> {
  const array = v.array(item);
  return {
    ...array,
    "~run"(dataset, config) {
      const { value } = dataset;
      return array["~run"](Array.isArray(value) ? dataset : { value: [value] }, config);
    },
  };
}

/** A list without its repetitions, in the order of the first occurrences. */
export function setOf<const Item extends v.GenericSchema>(item: Item) {
  return v.pipe(
    listOf(item),
    v.transform((elements): readonly v.InferOutput<Item>[] => [...new Set(elements)]),
  );
}
