// The keys that every Kafka client has, security apart (security-keys.ts).

import {
  atLeast,
  between,
  type ConfigKey,
  keysWith,
  oneOf,
  oneOfIgnoringCase,
} from "../config-key.ts";

const used = { clients: ["producer", "consumer", "admin"], treatment: "used" } as const;
const ignored = { clients: ["producer", "consumer", "admin"], treatment: "ignored" } as const;
const refused = { clients: ["producer", "consumer", "admin"], treatment: "refused" } as const;

const noMetrics = "this program reports figures in the task's status, not through client metrics";
const noSocketSize = "the operating system chooses the sizes of the socket's buffers";

export const clientKeys: readonly ConfigKey[] = [
  ...keysWith(used, [
    {
      name: "bootstrap.servers",
      type: "list",
      default: "",
      note:
        "The brokers to ask first, as host:port, separated by commas. An IPv6 address " +
        "stands in brackets: [::1]:9092. Usually the spec's bootstrapServers.",
    },
    {
      name: "client.id",
      type: "string",
      default: "",
      note:
        "The name that brokers see in requests and quotas. Empty: producer-1, " +
        "producer-<transactional.id>, consumer-<group.id>-1 or adminclient-1.",
    },
    {
      name: "client.dns.lookup",
      type: "string",
      default: "use_all_dns_ips",
      bounds: oneOf("use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"),
      note:
        "Accepted; every connection resolves its broker's name again. " +
        "resolve_canonical_bootstrap_servers_only only matters for GSSAPI.",
    },
    {
      name: "request.timeout.ms",
      type: "int",
      default: "30000",
      bounds: atLeast(0),
      note: "How long one request waits for its answer.",
    },
    {
      name: "metadata.max.age.ms",
      type: "long",
      default: "300000",
      bounds: atLeast(0),
      note: "After how long leaders and partitions are looked up again without a cause.",
    },
    {
      name: "reconnect.backoff.ms",
      type: "long",
      default: "50",
      bounds: atLeast(0),
      note:
        "The pause before the first new connection to a broker that was lost; it doubles up " +
        "to reconnect.backoff.max.ms.",
    },
    {
      name: "reconnect.backoff.max.ms",
      type: "long",
      default: "1000",
      bounds: atLeast(0),
      note: "The longest such pause. When only reconnect.backoff.ms is set, it takes that value.",
    },
    {
      name: "retry.backoff.ms",
      type: "long",
      default: "100",
      bounds: atLeast(0),
      note: "The pause before the first retry of a request; it doubles up to retry.backoff.max.ms.",
    },
    {
      name: "retry.backoff.max.ms",
      type: "long",
      default: "1000",
      bounds: atLeast(0),
      note: "The longest such pause.",
    },
    {
      name: "socket.connection.setup.timeout.ms",
      type: "long",
      default: "10000",
      note: "How long a try to connect to a broker may take.",
    },
    {
      name: "retries",
      clients: ["producer"],
      type: "int",
      default: "2147483647",
      bounds: between(0, 2147483647),
      note:
        "How often a failed request is sent again; delivery.timeout.ms usually ends it first. " +
        "0 turns idempotence off.",
    },
    {
      name: "default.api.timeout.ms",
      clients: ["consumer"],
      type: "int",
      default: "60000",
      bounds: atLeast(0),
      note:
        "How long the start waits for a broker, and how long a topic that was there may be " +
        "missing before the consumer gives up.",
    },
  ]),
  ...keysWith(ignored, [
    {
      name: "retries",
      clients: ["admin"],
      type: "int",
      default: "2147483647",
      bounds: between(0, 2147483647),
      note: "a call is tried again for as long as request.timeout.ms lasts",
    },
    {
      name: "default.api.timeout.ms",
      clients: ["admin"],
      type: "int",
      default: "60000",
      bounds: atLeast(0),
      note: "a call is tried again for as long as request.timeout.ms lasts",
    },
    {
      name: "socket.connection.setup.timeout.max.ms",
      type: "long",
      default: "30000",
      note: "every try to connect may take socket.connection.setup.timeout.ms",
    },
    {
      name: "send.buffer.bytes",
      type: "int",
      default: "131072",
      bounds: atLeast(-1),
      note: noSocketSize,
    },
    {
      name: "receive.buffer.bytes",
      type: "int",
      default: "32768",
      adminDefault: "65536",
      consumerDefault: "65536",
      bounds: atLeast(-1),
      note: noSocketSize,
    },
    {
      name: "connections.max.idle.ms",
      type: "long",
      default: "540000",
      adminDefault: "300000",
      note: "connections stay open until the client is closed",
    },
    {
      name: "metadata.recovery.strategy",
      type: "string",
      default: "rebootstrap",
      harmless: ["rebootstrap"],
      bounds: oneOfIgnoringCase("REBOOTSTRAP", "NONE"),
      note: "when no known broker answers, the bootstrap servers are asked again",
    },
    {
      name: "metadata.recovery.rebootstrap.trigger.ms",
      type: "long",
      default: "300000",
      bounds: atLeast(0),
      note: "the bootstrap servers are asked again as soon as no known broker answers",
    },
    {
      name: "metric.reporters",
      type: "list",
      default: "org.apache.kafka.common.metrics.JmxReporter",
      note: noMetrics,
    },
    { name: "metrics.num.samples", type: "int", default: "2", bounds: atLeast(1), note: noMetrics },
    {
      name: "metrics.recording.level",
      type: "string",
      default: "INFO",
      bounds: oneOf("INFO", "DEBUG", "TRACE"),
      note: noMetrics,
    },
    {
      name: "metrics.sample.window.ms",
      type: "long",
      default: "30000",
      bounds: atLeast(0),
      note: noMetrics,
    },
    {
      name: "enable.metrics.push",
      type: "boolean",
      default: "true",
      adminDefault: "false",
      harmless: ["false"],
      note: "no client metrics are pushed to the brokers",
    },
  ]),
  ...keysWith(refused, [
    {
      name: "bootstrap.controllers",
      clients: ["admin"],
      type: "list",
      default: "",
      harmless: [""],
      note: "name brokers in bootstrap.servers; controllers are not spoken to directly",
    },
    {
      name: "config.providers",
      type: "list",
      default: "",
      harmless: [""],
      note: "write the values themselves, since nothing is looked up in a provider",
    },
  ]),
];
