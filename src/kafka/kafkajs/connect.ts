// Makes kafkajs clients from a configuration: TLS, SASL, time-outs, its log lines into ours, and
// sockets that can be ended at once. kafkajs itself is loaded by the first call.

import net from "node:net";
import tls from "node:tls";
import type { Kafka, KafkaConfig, RetryOptions, SASLOptions } from "kafkajs";
import type { Log } from "../../platform/log/log.ts";
import { type ClientEnvironment, KafkaError } from "../client.ts";
import type { ConnectionConf, SaslConf, TlsConf } from "../conf/types.ts";
import { type ErrorContext, tlsExpectedCode } from "./kafkajs-error.ts";
import { kafkajsLimits } from "./limits.ts";
import { quietTimers } from "./quiet-timers.ts";

export type KafkajsModule = typeof import("kafkajs");

export interface KafkajsConnector {
  readonly errorContext: ErrorContext;
  /** Rejects what kafkajs cannot do: a spec should have been refused for it before. */
  load(): Promise<KafkajsModule>;
  /** `retries` undefined: each call fails at its first error, so that the caller can look at it. */
  kafka(module: KafkajsModule, retries?: RetryOptions): Kafka;
  /** Ends every socket; later ones are refused. */
  destroy(): void;
}

export function createConnector(
  conf: ConnectionConf,
  environment: ClientEnvironment,
): KafkajsConnector {
  const sockets = new Set<net.Socket>();
  let isDestroyed = false;
  const brokers = conf.bootstrapServers.map(({ host, port }) => `${host}:${port}`);

  const socketFactory: NonNullable<KafkaConfig["socketFactory"]> = ({
    host,
    port,
    ssl,
    onConnect,
  }) => {
    if (isDestroyed) throw new Error("the client was closed");
    const socket =
      ssl === undefined || ssl === null
        ? watchForTls(net.connect({ host, port }, onConnect))
        : tls.connect(
            { host, port, ...(net.isIP(host) === 0 ? { servername: host } : {}), ...ssl },
            onConnect,
          );
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.setKeepAlive(true, 60_000);
    socket.setNoDelay(true);
    return socket;
  };

  return {
    errorContext: { brokers: brokers.join(","), isTls: conf.tls !== undefined },
    async load() {
      const { problems } = kafkajsLimits(conf);
      if (problems.length > 0) {
        const message = problems.map((problem) => problem.message).join("; ");
        throw new KafkaError("UNSUPPORTED_BY_CLIENT_LIBRARY", message, false);
      }
      const module = await import("kafkajs");
      await quietTimers();
      return module;
    },
    kafka: (module, retries) =>
      new module.Kafka({
        brokers,
        clientId: conf.clientId,
        connectionTimeout: conf.connectionSetupTimeoutMs,
        requestTimeout: conf.requestTimeoutMs,
        socketFactory,
        ...(conf.tls === undefined ? {} : { ssl: tlsOptions(conf.tls) }),
        ...(conf.sasl === undefined ? {} : { sasl: saslOptions(conf.sasl) }),
        retry: { ...backoff(conf), retries: 0, ...retries },
        logLevel: module.logLevel.WARN,
        logCreator: logInto(environment.log, module),
      }),
    destroy() {
      isDestroyed = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}

export function backoff(conf: ConnectionConf): RetryOptions {
  return {
    initialRetryTime: Math.max(1, conf.retryBackoffMs),
    maxRetryTime: Math.max(1, conf.retryBackoffMaxMs),
    multiplier: 2,
    factor: 0.2,
  };
}

/** How many retries, with their pauses, fit into a time: kafkajs counts where Kafka has a time. */
export function retriesWithin(conf: ConnectionConf, timeMs: number): number {
  const maxMs = Math.max(1, conf.retryBackoffMaxMs);
  let pauseMs = Math.max(1, conf.retryBackoffMs);
  let retries = 0;
  let spentMs = 0;
  while (pauseMs < maxMs && spentMs < timeMs) {
    spentMs += pauseMs;
    pauseMs = Math.min(pauseMs * 2, maxMs);
    retries++;
  }
  return retries + Math.ceil(Math.max(0, timeMs - spentMs) / maxMs);
}

function tlsOptions(conf: TlsConf): tls.ConnectionOptions {
  return {
    // Said, because NODE_TLS_REJECT_UNAUTHORIZED=0 would decide otherwise.
    rejectUnauthorized: true,
    ...(conf.caPem === undefined ? {} : { ca: conf.caPem }),
    ...(conf.certPem === undefined ? {} : { cert: conf.certPem }),
    ...(conf.keyPem === undefined ? {} : { key: conf.keyPem }),
    ...(conf.verifyHostname ? {} : { checkServerIdentity: () => undefined }),
  };
}

function saslOptions({ mechanism, username, password }: SaslConf): SASLOptions {
  switch (mechanism) {
    case "PLAIN":
      return { mechanism: "plain", username, password };
    case "SCRAM-SHA-256":
      return { mechanism: "scram-sha-256", username, password };
    case "SCRAM-SHA-512":
      return { mechanism: "scram-sha-512", username, password };
  }
}

/**
 * A port that expects TLS answers plain bytes with a TLS alert, which kafkajs takes for a length.
 */
function watchForTls(socket: net.Socket): net.Socket {
  socket.once("data", (chunk: Buffer) => {
    const isTlsRecord = chunk[0]! >= 0x14 && chunk[0]! <= 0x17 && chunk[1] === 3;
    if (!isTlsRecord) return;
    socket.destroy(Object.assign(new Error("TLS expected"), { code: tlsExpectedCode }));
  });
  return socket;
}

/** Errors that kafkajs logs are retried or reported by a call: for us they are details. */
function logInto(log: Log, module: KafkajsModule): NonNullable<KafkaConfig["logCreator"]> {
  return () =>
    ({ namespace, level, log: { message, ...fields } }) => {
      const details = { namespace, ...withoutStack(fields) };
      if (level === module.logLevel.ERROR) log.debug(`kafkajs reported: ${message}`, details);
      else log.debug(`kafkajs said: ${message}`, details);
    };
}

function withoutStack(fields: Record<string, unknown>): Record<string, unknown> {
  const { stack: _stack, timestamp: _timestamp, logger: _logger, ...rest } = fields;
  return rest;
}
