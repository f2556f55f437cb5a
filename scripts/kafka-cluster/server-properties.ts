// The server.properties of each broker: every node is broker and controller in one, replication is
// as wide as the cluster allows, and nothing waits that a test or a bench would wait for.

import { join } from "node:path";
import type { TlsFiles } from "./certificates.ts";
import { type BrokerRecord, brokerDir, type ListenerName } from "./cluster-files.ts";
import { brokerHost } from "./network-namespaces.ts";
import type { ClusterOptions } from "./options.ts";
import { CLUSTER_USERS, plainJaasConfig, SASL_MECHANISMS } from "./users.ts";

/**
 * Internal topics are small: with the default of 50 partitions each, start and failover are slow.
 */
const INTERNAL_TOPIC_PARTITIONS = 5;

export function serverProperties(
  options: ClusterOptions,
  brokers: readonly BrokerRecord[],
  broker: BrokerRecord,
  tlsFiles: TlsFiles | undefined,
): string {
  const lines: Record<string, string | number | boolean> = {
    "process.roles": "broker,controller",
    "node.id": broker.id,
    "log.dirs": join(brokerDir(options.name, broker.id), "data"),
    ...listenerProperties(options, brokers, broker),
    ...replicationProperties(options.brokers),
    "auto.create.topics.enable": false,
    "group.initial.rebalance.delay.ms": 0,
    ...(options.sasl ? saslProperties(options) : {}),
    ...(tlsFiles === undefined ? {} : tlsProperties(tlsFiles)),
    ...(options.acl ? authorizerProperties() : {}),
    ...options.properties,
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

function listenerProperties(
  options: ClusterOptions,
  brokers: readonly BrokerRecord[],
  broker: BrokerRecord,
): Record<string, string> {
  const names = Object.keys(broker.ports) as ListenerName[];
  const advertised = names.filter((name) => name !== "CONTROLLER");
  const voter = (of: BrokerRecord) =>
    `${of.id}@${brokerHost(options, of.id)}:${of.ports.CONTROLLER}`;
  const host = brokerHost(options, broker.id);
  const protocolOf = (name: ListenerName) => (name === "CONTROLLER" ? "PLAINTEXT" : name);
  return {
    listeners: names.map((name) => `${name}://${host}:${broker.ports[name]}`).join(","),
    "advertised.listeners": advertised
      .map((name) => `${name}://${options.netns ? host : "localhost"}:${broker.ports[name]}`)
      .join(","),
    "listener.security.protocol.map": names.map((name) => `${name}:${protocolOf(name)}`).join(","),
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "controller.quorum.voters": brokers.map(voter).join(","),
  };
}

function replicationProperties(brokers: number): Record<string, number> {
  const replicas = Math.min(3, brokers);
  const inSync = Math.min(2, brokers);
  const lines: Record<string, number> = {
    "transaction.state.log.min.isr": inSync,
    "share.coordinator.state.topic.min.isr": inSync,
    "share.coordinator.state.topic.num.partitions": INTERNAL_TOPIC_PARTITIONS,
  };
  for (const topic of ["offsets.topic", "transaction.state.log"]) {
    lines[`${topic}.replication.factor`] = replicas;
    lines[`${topic}.num.partitions`] = INTERNAL_TOPIC_PARTITIONS;
  }
  return { ...lines, "share.coordinator.state.topic.replication.factor": replicas };
}

function saslProperties(options: ClusterOptions): Record<string, string> {
  const listeners = options.tls ? ["sasl_plaintext", "sasl_ssl"] : ["sasl_plaintext"];
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  const lines: Record<string, string> = {
    "sasl.enabled.mechanisms": SASL_MECHANISMS.join(","),
  };
  for (const listener of listeners) {
    const prefix = `listener.name.${listener}`;
    lines[`${prefix}.plain.sasl.jaas.config`] = plainJaasConfig();
    lines[`${prefix}.scram-sha-256.sasl.jaas.config`] = scram;
    lines[`${prefix}.scram-sha-512.sasl.jaas.config`] = scram;
  }
  return lines;
}

function tlsProperties(files: TlsFiles): Record<string, string> {
  return {
    "ssl.keystore.type": "PKCS12",
    "ssl.keystore.location": files.brokerKeystorePkcs12,
    "ssl.keystore.password": files.password,
    "ssl.key.password": files.password,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": files.caPem,
    "ssl.client.auth": "requested",
  };
}

/** The plain-text listener, which the brokers use among themselves, may do everything. */
function authorizerProperties(): Record<string, string> {
  const names = CLUSTER_USERS.filter((user) => user.isSuperUser).map((user) => user.name);
  return {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "false",
    "super.users": ["ANONYMOUS", ...names].map((name) => `User:${name}`).join(";"),
  };
}
