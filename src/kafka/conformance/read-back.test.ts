// Reading back leaves nothing behind that would change what another test's client can read.

import { expect, test } from "bun:test";
import kafkajs from "kafkajs";
import { lendCodecs } from "./read-back.suite.ts";

test("codecs for reading back are in kafkajs only for the time of it", () => {
  const before = { ...kafkajs.CompressionCodecs };
  {
    using _codecs = lendCodecs();
    expect({ ...kafkajs.CompressionCodecs }).not.toEqual(before);
  }
  expect({ ...kafkajs.CompressionCodecs }).toEqual(before);
});
