// Errors of kafkajs as KafkaError: Kafka's code where the broker gave one, and one sentence that
// names the broker and says what to look at.

import { errorText } from "../../core/trogdor-error.ts";
import { KafkaError } from "../client.ts";
import { protocolNames } from "./protocol-names.ts";

/** What kafkajs's errors carry, whatever their class. */
interface KafkajsErrorShape {
  readonly name?: string;
  readonly message?: string;
  readonly type?: string;
  readonly code?: unknown;
  readonly broker?: string;
  readonly retriable?: boolean;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

export interface ErrorContext {
  /** The brokers that were tried, for errors that name none. */
  readonly brokers: string;
  readonly isTls: boolean;
}

export function toKafkaError(error: unknown, context: ErrorContext): KafkaError {
  if (error instanceof KafkaError) return error;
  const shape = rootOf(error);
  if (shape.type !== undefined && typeof shape.code === "number") {
    const name = protocolNames[shape.type] ?? shape.type;
    return new KafkaError(name, sentence(error), shape.retriable ?? false, error);
  }
  const broker = shape.broker ?? context.brokers;
  switch (shape.name) {
    case "KafkaJSSASLAuthenticationError":
      return authenticationError(broker, shape, error);
    case "KafkaJSRequestTimeoutError":
    case "KafkaJSLockTimeout":
      return new KafkaError("REQUEST_TIMED_OUT", `${broker}: ${sentence(shape)}`, true, error);
    case "KafkaJSConnectionError":
    case "KafkaJSConnectionClosedError":
      return connectionError(broker, shape, context, error);
    case "KafkaJSNotImplemented":
      return new KafkaError("UNSUPPORTED_COMPRESSION_TYPE", sentence(shape), false, error);
    default:
      return new KafkaError(
        "UNKNOWN_SERVER_ERROR",
        `${broker}: ${sentence(error)}`,
        shape.retriable ?? false,
        error,
      );
  }
}

/** Retries and the answers about several topics wrap the error that says what happened. */
function rootOf(error: unknown): KafkajsErrorShape {
  let shape = error as KafkajsErrorShape;
  for (let depth = 0; depth < 5; depth++) {
    const inner = shape.errors?.[0] ?? (isWrapper(shape) ? shape.cause : undefined);
    if (typeof inner !== "object" || inner === null) break;
    shape = inner;
  }
  return shape;
}

function isWrapper(shape: KafkajsErrorShape): boolean {
  return ["KafkaJSNumberOfRetriesExceeded", "KafkaJSNonRetriableError"].includes(shape.name ?? "");
}

function sentence(error: unknown): string {
  return errorText(error).replace(/^Connection error: /, "");
}

function authenticationError(broker: string, shape: KafkajsErrorShape, cause: unknown): KafkaError {
  const message = `${broker}: authentication failed: ${sentence(shape)}`;
  return new KafkaError("SASL_AUTHENTICATION_FAILED", message, false, cause);
}

/** ECONNREFUSED and its like; what else a TLS socket fails with is about a certificate. */
const systemErrorCode = /^E[A-Z]+$/;

function connectionError(
  broker: string,
  shape: KafkajsErrorShape,
  context: ErrorContext,
  cause: unknown,
): KafkaError {
  const text = sentence(shape);
  const tlsError = (message: string) =>
    new KafkaError("SSL_HANDSHAKE_FAILED", `${broker}: ${message}`, false, cause);
  if (shape.code === tlsExpectedCode) {
    return tlsError(
      "the broker expects TLS on this port; set security.protocol to SSL or SASL_SSL",
    );
  }
  if (context.isTls && typeof shape.code === "string") {
    if (shape.code === "ERR_TLS_CERT_ALTNAME_INVALID") {
      return tlsError(
        `the broker's certificate is for another host (${text}); set ` +
          `ssl.endpoint.identification.algorithm to "" to accept it`,
      );
    }
    if (/^(ERR_SSL|EPROTO|ECONNRESET)/.test(shape.code)) {
      return tlsError(`the TLS handshake failed (${text}); does this port speak TLS?`);
    }
    if (!systemErrorCode.test(shape.code)) {
      return tlsError(
        `the broker's certificate is not trusted (${text}); check ssl.truststore.location`,
      );
    }
  }
  if (/closed/i.test(text)) {
    const hint = "does this port expect TLS or SASL (security.protocol)?";
    return networkError(broker, `the broker closed the connection; ${hint}`, cause);
  }
  return networkError(broker, text, cause);
}

function networkError(broker: string, what: string, cause: unknown): KafkaError {
  return new KafkaError("NETWORK_EXCEPTION", `${broker}: ${what}`, true, cause);
}

/** The code of our own error for a TLS record on a connection without TLS. */
export const tlsExpectedCode = "TLS_EXPECTED";
