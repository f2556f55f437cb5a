// One small task of each workload, for its last status: recorded of the Java Trogdor
// (test/golden/generate/record-statuses.ts), and looked for in ours (golden-statuses.test.ts).
// ShareRoundTripWorkload is not among them: the Java one cannot succeed.

export interface StatusSpec {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

const workload = "org.apache.kafka.trogdor.workload";
const small = { numPartitions: 2, replicationFactor: 1 };
const stamped = { type: "timestampConstant", size: 16 };

export const topic = "golden-status";
/** Begins at the earliest messages, as who runs these has to tell the brokers. */
export const shareGroup = "golden-share";

export function statusSpecs(bootstrapServers: string): readonly StatusSpec[] {
  const onNode = (node: string) => ({ startMs: 0, [node]: "node0", bootstrapServers });
  return [
    {
      name: "ProduceBench",
      spec: {
        class: `${workload}.ProduceBenchSpec`,
        durationMs: 60_000,
        ...onNode("producerNode"),
        targetMessagesPerSec: 500,
        maxMessages: 500,
        valueGenerator: stamped,
        activeTopics: { [topic]: small },
      },
    },
    {
      name: "ConsumeBench",
      spec: {
        class: `${workload}.ConsumeBenchSpec`,
        durationMs: 200_000,
        ...onNode("consumerNode"),
        maxMessages: 300,
        threadsPerWorker: 2,
        recordProcessor: { type: "timestamp", histogramMaxMs: 10_000, histogramStepMs: 1 },
        activeTopics: [topic],
      },
    },
    {
      name: "ShareConsumeBench",
      spec: {
        class: `${workload}.ShareConsumeBenchSpec`,
        durationMs: 200_000,
        ...onNode("consumerNode"),
        maxMessages: 200,
        shareGroup,
        recordProcessor: { type: "timestamp", histogramMaxMs: 10_000, histogramStepMs: 1 },
        activeTopics: [topic],
      },
    },
    {
      name: "RoundTripWorkload",
      spec: {
        class: `${workload}.RoundTripWorkloadSpec`,
        durationMs: 60_000,
        ...onNode("clientNode"),
        targetMessagesPerSec: 500,
        maxMessages: 300,
        activeTopics: { [`${topic}-trip`]: small },
      },
    },
    {
      name: "ConnectionStress",
      spec: {
        class: `${workload}.ConnectionStressSpec`,
        durationMs: 3_000,
        ...onNode("clientNode"),
        targetConnectionsPerSec: 20,
        numThreads: 1,
      },
    },
    {
      name: "SustainedConnection",
      spec: {
        class: `${workload}.SustainedConnectionSpec`,
        durationMs: 6_000,
        ...onNode("clientNode"),
        keyGenerator: { type: "null" },
        valueGenerator: { type: "constant", size: 10 },
        producerConnectionCount: 1,
        consumerConnectionCount: 1,
        metadataConnectionCount: 1,
        topicName: topic,
        numThreads: 1,
        refreshRateMs: 500,
      },
    },
    {
      name: "ConfigurableProducer",
      spec: {
        class: `${workload}.ConfigurableProducerSpec`,
        durationMs: 5_000,
        ...onNode("producerNode"),
        flushGenerator: { type: "constant", messagesPerFlush: 16 },
        throughputGenerator: { type: "constant", messagesPerWindow: 20, windowSizeMs: 100 },
        keyGenerator: { type: "sequential", size: 8 },
        valueGenerator: { type: "constant", size: 512 },
        activeTopic: { [`${topic}-windows`]: small },
      },
    },
    {
      name: "ExternalCommand",
      spec: {
        class: `${workload}.ExternalCommandSpec`,
        startMs: 0,
        durationMs: 60_000,
        commandNode: "node0",
        command: ["echo", '{"status":{"text":"x","numbers":[1,2.5],"none":null,"is":true}}'],
      },
    },
    {
      name: "NoOpTask",
      spec: {
        class: "org.apache.kafka.trogdor.task.NoOpTaskSpec",
        startMs: 0,
        durationMs: 1_000,
      },
    },
  ];
}
