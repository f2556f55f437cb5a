// Chooses one of several generators for each position, by percentages and a seed.

import type * as v from "valibot";
import { field, optionalField } from "../../spec/types/field.ts";
import { int32 } from "../../spec/types/integer.ts";
import { listOf } from "../../spec/types/list.ts";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";
import { javaRandom, randomSeed } from "./java-random.ts";
import { checked, seedField } from "./payload-fields.ts";
import type { PayloadGenerator } from "./payload-generator.ts";

/** `component` is the schema of any generator; it is passed in because it contains this one. */
export function randomComponentSchema<Component>(component: v.GenericSchema<unknown, Component>) {
  return checked(
    specObject(
      {
        type: typeWord("randomComponent", "One of several generators, chosen by chance."),
        seed: seedField(),
        components: field(
          listOf(
            specObject({
              percent: field(int32(), 0, "How often it is chosen; all add up to 100.", {
                unit: "percent",
              }),
              component: optionalField(component, "The generator."),
            }),
          ),
          [],
          "What to choose from.",
        ),
      },
      { typeField: "type" },
    ),
    "components",
    percentProblem,
  );
}

export interface RandomComponentSpec<Component> {
  readonly type: "randomComponent";
  readonly seed: bigint;
  readonly components: readonly {
    readonly percent: number;
    readonly component?: Component | null | undefined;
  }[];
}

export function randomComponentPayload<Component>(
  spec: RandomComponentSpec<Component>,
  create: (component: Component | null | undefined) => PayloadGenerator,
): PayloadGenerator {
  const random = javaRandom(randomSeed(spec.seed));
  const byRoll: PayloadGenerator[] = [];
  for (const { percent, component } of spec.components) {
    const generator = create(component);
    for (let count = 0; count < percent; count++) byRoll.push(generator);
  }

  function chosen(position: number): PayloadGenerator {
    random.reseed(position);
    return byRoll[random.nextInt(100)]!;
  }

  return {
    size: (position) => chosen(position).size(position),
    write: (position, target, offset) => chosen(position).write(position, target, offset),
  };
}

function percentProblem(spec: {
  readonly components: readonly { readonly percent: number }[];
}): string | undefined {
  if (spec.components.length === 0) {
    return "Components must be a specified, non-empty list of RandomComponents.";
  }
  const small = spec.components.find(({ percent }) => percent < 1);
  if (small !== undefined) return `Percent value must be greater than zero. Found ${small.percent}`;
  const sum = spec.components.reduce((total, { percent }) => total + percent, 0);
  if (sum === 100) return undefined;
  return (
    "Components must be a list of RandomComponents such that the percent fields sum to 100. " +
    `They sum to ${sum}`
  );
}
