// A spec that can be read but cannot run, over REST: the create is answered with 200 as the Java
// daemons answer it, and the task ends with an error that begins with the reference's words.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../support/daemon-process.ts";
import { ask, type OwnDaemons, ownDaemons, tasksOf } from "../support/own-daemons.ts";

const JAVA = "org.apache.kafka.trogdor.workload";
const bootstrapServers = "localhost:1";

const cases: readonly [error: string, spec: Record<string, unknown>][] = [
  [
    "You must specify at least one active topic.",
    { class: `${JAVA}.ProduceBenchSpec`, bootstrapServers },
  ],
  [
    "Invalid value 7 for configuration acks",
    {
      class: `${JAVA}.ProduceBenchSpec`,
      bootstrapServers,
      maxMessages: 1,
      activeTopics: { t: {} },
      producerConf: { acks: "7" },
    },
  ],
  [
    "You may not specify an explicit partition assignment when using multiple consumers",
    {
      class: `${JAVA}.ConsumeBenchSpec`,
      bootstrapServers,
      maxMessages: 1,
      consumerGroup: "g",
      threadsPerWorker: 2,
      activeTopics: ["t:0"],
    },
  ],
  [
    "Expanded topic name ",
    {
      class: `${JAVA}.ShareConsumeBenchSpec`,
      bootstrapServers,
      maxMessages: 1,
      activeTopics: ["t:0"],
    },
  ],
  [
    "Can't have targetMessagesPerSec <= 0.",
    {
      class: `${JAVA}.RoundTripWorkloadSpec`,
      bootstrapServers,
      maxMessages: 1,
      activeTopics: { t: {} },
    },
  ],
  [
    "Can't have targetMessagesPerSec <= 0.",
    {
      class: `${JAVA}.ShareRoundTripWorkloadSpec`,
      bootstrapServers,
      maxMessages: 1,
      activeTopics: { t: {} },
    },
  ],
  [
    "Can only run against 1 topic.",
    {
      class: `${JAVA}.ConfigurableProducerSpec`,
      bootstrapServers,
      keyGenerator: { type: "null" },
      valueGenerator: { type: "null" },
      throughputGenerator: { type: "constant" },
      activeTopic: { "t[1-2]": {} },
    },
  ],
  [
    "Unable to start process: No command specified",
    { class: `${JAVA}.ExternalCommandSpec`, command: [] },
  ],
];

describe("a spec over REST that cannot run", () => {
  let daemons: OwnDaemons;

  beforeAll(async () => {
    daemons = await ownDaemons();
    await daemons.start("agent");
    await daemons.start("coordinator");
  }, 60_000);

  afterAll(() => daemons[Symbol.asyncDispose]());

  test.each(cases)("fails its task: %s", async (error, spec) => {
    const id = crypto.randomUUID();
    const named = { [nodeField(String(spec["class"]))]: "node0" };
    const whole = { startMs: 0, durationMs: 600_000, ...named, ...spec };
    await ask("POST", `${daemons.urls.coordinator}/coordinator/task/create`, { id, spec: whole });
    const isDone = async () => (await tasksOf(daemons)).get(id)?.state === "DONE";
    expect(await eventually(isDone, 50_000)).toBe(true);
    expect((await tasksOf(daemons)).get(id)?.error).toStartWith(error);
  });
});

function nodeField(className: string) {
  if (className.includes("Produce")) return "producerNode";
  if (className.includes("Consume")) return "consumerNode";
  return className.includes("Command") ? "commandNode" : "clientNode";
}
