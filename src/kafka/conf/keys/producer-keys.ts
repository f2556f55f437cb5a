// The keys that only the producer has.

import { atLeast, between, type ConfigKey, keysWith, oneOf } from "../config-key.ts";

const used = { clients: ["producer"], treatment: "used" } as const;
const ignored = { clients: ["producer"], treatment: "ignored" } as const;
const refused = { clients: ["producer"], treatment: "refused" } as const;

const byteArrays = "keys and values are always sent as the bytes that the generators make";
const byteArraySerializer = "org.apache.kafka.common.serialization.ByteArraySerializer";

export const producerKeys: readonly ConfigKey[] = [
  ...keysWith(used, [
    {
      name: "acks",
      type: "string",
      default: "all",
      bounds: oneOf("all", "-1", "0", "1"),
      note:
        "How many replicas must have a batch before it counts as acknowledged: all (or -1), " +
        "1, or 0 for no answer at all. Other values than all turn idempotence off.",
    },
    {
      name: "linger.ms",
      type: "long",
      default: "5",
      bounds: atLeast(0),
      note: "How long an open batch waits for more records.",
    },
    {
      name: "batch.size",
      type: "int",
      default: "16384",
      bounds: atLeast(0),
      note:
        "The size in bytes at which a batch is sent without waiting; 0 gives each record a " +
        "batch.",
    },
    {
      name: "buffer.memory",
      type: "long",
      default: "33554432",
      bounds: atLeast(0),
      note:
        "The bytes of records that may wait to be sent or acknowledged; when they are used " +
        "up, sending waits.",
    },
    {
      name: "max.block.ms",
      type: "long",
      default: "60000",
      bounds: atLeast(0),
      note: "How long the start waits for a broker, the topics and the transactional.id.",
    },
    {
      name: "max.in.flight.requests.per.connection",
      type: "int",
      default: "5",
      bounds: atLeast(1),
      note: "How many unanswered requests a connection may have. With idempotence at most 5.",
    },
    {
      name: "max.request.size",
      type: "int",
      default: "1048576",
      bounds: atLeast(0),
      note: "The largest request, and so the largest record, in bytes.",
    },
    {
      name: "compression.type",
      type: "string",
      default: "none",
      bounds: oneOf("none", "gzip", "snappy", "lz4", "zstd"),
      note: "How batches are compressed.",
    },
    {
      name: "compression.gzip.level",
      type: "int",
      default: "-1",
      bounds: { kind: "rangeOr", min: 1, max: 9, or: -1 },
      note: "The level when compression.type is gzip; -1 is the codec's own default.",
    },
    {
      name: "compression.zstd.level",
      type: "int",
      default: "3",
      bounds: between(-131072, 22),
      note: "The level when compression.type is zstd.",
    },
    {
      name: "enable.idempotence",
      type: "boolean",
      default: "true",
      note:
        "Each record exactly once and in order for each partition, whatever is retried. " +
        "Turns itself off when acks or retries contradict it and it was not set.",
    },
    {
      name: "transactional.id",
      type: "string",
      bounds: { kind: "nonEmpty" },
      note: "Makes the producer transactional and fences older producers of the same id.",
    },
    {
      name: "transaction.timeout.ms",
      type: "int",
      default: "60000",
      note: "After how long the broker aborts a transaction that was left open.",
    },
    {
      name: "delivery.timeout.ms",
      type: "int",
      default: "120000",
      bounds: atLeast(0),
      note:
        "How long a record may take from send to outcome, retries included; at least " +
        "linger.ms + request.timeout.ms.",
    },
    {
      name: "partitioner.ignore.keys",
      type: "boolean",
      default: "false",
      note: "Partitions are chosen without looking at the key.",
    },
  ]),
  ...keysWith(ignored, [
    {
      name: "compression.lz4.level",
      type: "int",
      default: "9",
      bounds: between(1, 17),
      note: "the lz4 codec here has one level, the fast one",
    },
    {
      name: "key.serializer",
      type: "class",
      harmless: [byteArraySerializer],
      note: byteArrays,
    },
    {
      name: "value.serializer",
      type: "class",
      harmless: [byteArraySerializer],
      note: byteArrays,
    },
    {
      name: "metadata.max.idle.ms",
      type: "long",
      default: "300000",
      bounds: atLeast(5000),
      note: "the topics of a workload stay known until the client is closed",
    },
    {
      name: "partitioner.adaptive.partitioning.enable",
      type: "boolean",
      default: "true",
      harmless: ["false"],
      note: "records without a key are spread evenly, whatever the load of a broker",
    },
    {
      name: "partitioner.availability.timeout.ms",
      type: "long",
      default: "0",
      bounds: atLeast(0),
      harmless: ["0"],
      note: "records without a key are spread evenly, whatever the load of a broker",
    },
  ]),
  ...keysWith(refused, [
    {
      name: "partitioner.class",
      type: "class",
      note: "leave it away: Java classes cannot run here, the default partitioner is built in",
    },
    {
      name: "interceptor.classes",
      type: "list",
      default: "",
      harmless: [""],
      note: "leave it away: Java classes cannot run here",
    },
    {
      name: "transaction.two.phase.commit.enable",
      type: "boolean",
      default: "false",
      harmless: ["false"],
      note: "leave it away: transactions with two-phase commit are not supported",
    },
  ]),
];
