// ConfigurableProducer's spec: what is refused before it starts, all at once.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { checkConfigurableProducer } from "./check.ts";
import { configurableProducer } from "./index.ts";
import { configurableProducerSchema } from "./spec.ts";

function parse(fields: object) {
  return v.parse(configurableProducerSchema, { class: "ConfigurableProducer", ...fields });
}

describe("ConfigurableProducer's spec", () => {
  test("names everything that is missing at once", async () => {
    const problems = await checkConfigurableProducer(parse({}));
    expect(problems.map(({ path }) => path)).toEqual([
      "throughputGenerator",
      "keyGenerator",
      "valueGenerator",
      "activeTopic",
      "bootstrapServers",
    ]);
  });

  test("is fine with what it needs", async () => {
    const spec = parse({
      producerNode: ["a", "b"],
      bootstrapServers: "localhost:9092",
      throughputGenerator: { type: "constant" },
      keyGenerator: { type: "null" },
      valueGenerator: { type: "null" },
      activeTopic: { foo: {} },
    });
    expect(await checkConfigurableProducer(spec)).toEqual([]);
    expect(configurableProducer.targetNodes(spec, { nodes: new Map() })).toEqual(["a", "b"]);
  });

  test.each([
    { type: "gaussian", messagesPerSecondAverage: 5 },
    { type: "steady" },
    { messagesPerWindow: 5 },
  ])("does not parse with a throughputGenerator of %j", (throughputGenerator) => {
    expect(() => parse({ throughputGenerator })).toThrow();
  });
});
