// The keys that only the consumer has.

import { atLeast, type ConfigKey, keysWith, oneOf, oneOfIgnoringCase } from "../config-key.ts";

const used = { clients: ["consumer"], treatment: "used" } as const;
const ignored = { clients: ["consumer"], treatment: "ignored" } as const;
const refused = { clients: ["consumer"], treatment: "refused" } as const;

const byteArrays = "keys and values are always given as the bytes that were stored";
const byteArrayDeserializer = "org.apache.kafka.common.serialization.ByteArrayDeserializer";

/** Java's classes of the assignors that are built in here, with their names in the protocol. */
export const assignorClasses = {
  "org.apache.kafka.clients.consumer.RangeAssignor": "range",
  "org.apache.kafka.clients.consumer.RoundRobinAssignor": "roundrobin",
  "org.apache.kafka.clients.consumer.StickyAssignor": "sticky",
  "org.apache.kafka.clients.consumer.CooperativeStickyAssignor": "cooperative-sticky",
} as const;

const groupKeys = keysWith(used, [
  {
    name: "group.id",
    type: "string",
    note:
      "The group whose topicPartitions this consumer shares, and which its offsets are " +
      "committed for.",
  },
  {
    name: "group.instance.id",
    type: "string",
    bounds: { kind: "nonEmpty" },
    note:
      "Static membership: a member that comes back under this name within its session takes " +
      "up its topicPartitions again, without a rebalance. It does not leave when it is closed.",
  },
  {
    name: "group.protocol",
    type: "string",
    default: "classic",
    bounds: oneOfIgnoringCase("CONSUMER", "CLASSIC"),
    note: "Who assigns: a member of the group (classic) or the broker (consumer, KIP-848).",
  },
  {
    name: "group.remote.assignor",
    type: "string",
    note: "The broker's assignor with group.protocol=consumer: uniform or range.",
  },
  {
    name: "partition.assignment.strategy",
    type: "list",
    default:
      "org.apache.kafka.clients.consumer.RangeAssignor," +
      "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
    note:
      "Ways to assign topicPartitions, the preferred one first: the Java class names of the " +
      "range, round robin, sticky and cooperative sticky assignors.",
  },
  {
    name: "session.timeout.ms",
    type: "int",
    default: "45000",
    note: "After how long without a heartbeat the group goes on without this member.",
  },
  {
    name: "heartbeat.interval.ms",
    type: "int",
    default: "3000",
    note: "The pause between heartbeats, below session.timeout.ms.",
  },
  {
    name: "max.poll.interval.ms",
    type: "int",
    default: "300000",
    bounds: atLeast(1),
    note: "How long one lot of records may be worked on before the member leaves its group.",
  },
  {
    name: "enable.auto.commit",
    type: "boolean",
    default: "true",
    note: "Positions are committed every auto.commit.interval.ms and at the end.",
  },
  {
    name: "auto.commit.interval.ms",
    type: "int",
    default: "5000",
    bounds: atLeast(0),
    note: "The pause between these commits.",
  },
]);

const fetchKeys = keysWith(used, [
  {
    name: "auto.offset.reset",
    type: "string",
    default: "latest",
    note:
      "Where to begin without a committed offset, or when it is out of range: earliest, latest, " +
      "by_duration:PnDTnHnMn.nS (so long ago), or none, which is an error.",
  },
  {
    name: "isolation.level",
    type: "string",
    default: "read_uncommitted",
    bounds: oneOf("read_committed", "read_uncommitted"),
    note: "read_committed leaves out records of aborted and of open transactions.",
  },
  {
    name: "check.crcs",
    type: "boolean",
    default: "true",
    note: "The checksum of each batch is verified; a wrong one ends the consumer with an error.",
  },
  {
    name: "fetch.min.bytes",
    type: "int",
    default: "1",
    bounds: atLeast(0),
    note: "How much a broker collects before it answers, within fetch.max.wait.ms.",
  },
  {
    name: "fetch.max.bytes",
    type: "int",
    default: "52428800",
    bounds: atLeast(0),
    note: "The most that one answer holds, except for a single larger batch.",
  },
  {
    name: "max.partition.fetch.bytes",
    type: "int",
    default: "1048576",
    bounds: atLeast(0),
    note: "The most that one answer holds of a topicPartition, except for a single larger batch.",
  },
  {
    name: "fetch.max.wait.ms",
    type: "int",
    default: "500",
    bounds: atLeast(0),
    note: "How long a broker waits for fetch.min.bytes.",
  },
  {
    name: "max.poll.records",
    type: "int",
    default: "500",
    bounds: atLeast(1),
    note: "The most records that are handed over at a time.",
  },
  {
    name: "allow.auto.create.topics",
    type: "boolean",
    default: "true",
    note: "Topics that are asked for may be created, where the brokers do that.",
  },
  {
    name: "client.rack",
    type: "string",
    default: "",
    note: "Where this client is: brokers may tell it to read from a replica nearby.",
  },
]);

export const consumerKeys: readonly ConfigKey[] = [
  ...groupKeys,
  ...fetchKeys,
  ...keysWith(ignored, [
    {
      name: "key.deserializer",
      type: "class",
      harmless: [byteArrayDeserializer],
      note: byteArrays,
    },
    {
      name: "value.deserializer",
      type: "class",
      harmless: [byteArrayDeserializer],
      note: byteArrays,
    },
    {
      name: "exclude.internal.topics",
      type: "boolean",
      default: "true",
      note: "it only matters to subscriptions by pattern, which there are none of",
    },
    {
      name: "internal.throw.on.fetch.stable.offset.unsupported",
      type: "boolean",
      default: "false",
      harmless: ["false"],
      note: "brokers that are too old for stable offsets are not supported",
    },
    {
      name: "share.acknowledgement.mode",
      type: "string",
      default: "implicit",
      bounds: oneOf("implicit", "explicit"),
      note: "it only matters to share groups",
    },
  ]),
  ...keysWith(refused, [
    {
      name: "interceptor.classes",
      type: "list",
      default: "",
      harmless: [""],
      note: "leave it away: Java classes cannot run here",
    },
    {
      name: "internal.leave.group.on.close",
      type: "boolean",
      default: "true",
      harmless: ["true"],
      note: "leave it away: set group.instance.id for a member that stays",
    },
  ]),
];
