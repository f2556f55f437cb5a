// A connection that is ready for requests: connected, versions checked, authenticated. A broker
// that limits the life of a SASL session (connections.max.reauth.ms) gets the credentials again in
// time, on the same connection.

import * as plain from "@kafka-wire/protocol/sasl/plain.js";
import * as scram from "@kafka-wire/protocol/sasl/scram-sha.js";
import { KafkaError } from "../client.ts";
import type { SaslConf } from "../conf/types.ts";
import { type Caller, callBroker } from "./api-calls.ts";
import {
  type BrokerConnection,
  type ConnectionOptions,
  openConnection,
} from "./broker-connection.ts";
import { callError } from "./protocol-error.ts";
import { produceApi, wireApi } from "./wire-api.ts";

export interface SessionOptions extends ConnectionOptions {
  readonly sasl: SaslConf | undefined;
}

export interface Session {
  readonly connection: BrokerConnection;
  /** The version of Produce to write to this broker. */
  readonly produceVersion: number;
  /** Whether this broker speaks the version of an API. */
  supports(api: { readonly key: number; readonly version: number }): boolean;
}

/**
 * Part of the session's life after which it authenticates again, as the Java client's 85 to 95 %.
 */
const reauthenticateAt = 0.85;

export async function openSession(options: SessionOptions): Promise<Session> {
  const connection = await openConnection(options);
  const end = () => connection.close();
  options.signal?.addEventListener("abort", end);
  try {
    // Brokers answer ApiVersions before authentication, and nothing else.
    const versions = await callBroker(connection, wireApi.apiVersions, "trogdor", "1");
    const produce = versions.apiKeys.find((api) => api.apiKey === produceApi.key);
    const produceVersion = Math.min(produceApi.maxVersion, produce?.maxVersion ?? 0);
    if (produceVersion < produceApi.minVersion) throw tooOld(connection.name);
    if (options.sasl !== undefined) await authenticate(connection, options.sasl);
    return {
      connection,
      produceVersion,
      supports: ({ key, version }) =>
        versions.apiKeys.some(
          ({ apiKey, minVersion, maxVersion }) =>
            apiKey === key && minVersion <= version && version <= maxVersion,
        ),
    };
  } catch (error) {
    connection.close();
    throw callError(connection.name, error);
  } finally {
    options.signal?.removeEventListener("abort", end);
  }
}

async function authenticate(connection: BrokerConnection, sasl: SaslConf): Promise<void> {
  let lifetimeMs = 0;
  // From the handshake on the broker takes nothing but SASL until the exchange is complete.
  await connection.alone(async (caller) => {
    lifetimeMs = await exchange(caller, sasl);
  });
  if (lifetimeMs <= 0) return;
  const timer = setTimeout(() => {
    authenticate(connection, sasl).catch((error: unknown) =>
      connection.close(callError(connection.name, error)),
    );
  }, lifetimeMs * reauthenticateAt);
  timer.unref();
}

/** Answers how long the session may live in milliseconds; 0: without a limit. */
async function exchange(connection: Caller, sasl: SaslConf): Promise<number> {
  try {
    await callBroker(connection, wireApi.saslHandshake, sasl.mechanism);
  } catch (error) {
    const cause = callError(connection.name, error);
    if (cause.code !== "UNSUPPORTED_SASL_MECHANISM") throw cause;
    const message = `the broker does not offer sasl.mechanism ${sasl.mechanism}`;
    throw new KafkaError(cause.code, `${connection.name}: ${message}`, false, cause);
  }
  const peer = peerOf(connection);
  try {
    const answer =
      sasl.mechanism === "PLAIN"
        ? await plain.authenticate(wireApi.saslAuthenticate, peer, sasl.username, sasl.password)
        : await scram.authenticate(
            wireApi.saslAuthenticate,
            peer,
            sasl.mechanism === "SCRAM-SHA-256" ? "SHA-256" : "SHA-512",
            sasl.username,
            sasl.password,
            scram.defaultCrypto,
          );
    return Number(answer.sessionLifetimeMs);
  } catch (error) {
    throw authenticationError(connection.name, sasl, error);
  }
}

type Peer = Parameters<typeof plain.authenticate>[1];

/** The protocol library's SASL code asks a connection for `send` alone. */
function peerOf(connection: Caller): Peer {
  return { send: connection.send } as unknown as Peer;
}

function authenticationError(name: string, sasl: SaslConf, error: unknown): KafkaError {
  // The library's error may hold what really happened.
  const cause = callError(name, isKafkaError(error) ? error : (causeOf(error) ?? error));
  if (cause.code === "NETWORK_EXCEPTION") return cause;
  const detail = cause.message.replace(`${name}: `, "");
  const what = `authentication failed for user "${sasl.username}" with ${sasl.mechanism}`;
  const message = `${name}: ${what}: ${detail}`;
  return new KafkaError("SASL_AUTHENTICATION_FAILED", message, false, error);
}

const isKafkaError = (error: unknown) => error instanceof KafkaError;
const causeOf = (error: unknown) => (error as { cause?: unknown }).cause;

function tooOld(name: string): KafkaError {
  return new KafkaError(
    "UNSUPPORTED_VERSION",
    `${name}: the broker does not know Produce version ${produceApi.minVersion};` +
      " Kafka 2.8 or later is needed",
    false,
  );
}
