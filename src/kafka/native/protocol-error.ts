// Broker error codes and failed connections as KafkaError: Kafka's own names, texts and
// retriability, so that a status and a task's error read like the broker's documentation.

import { protocolErrors, protocolErrorsCodesById } from "@kafka-wire/protocol/errors.js";
import { errorText } from "../../core/trogdor-error.ts";
import { KafkaError } from "../client.ts";

/** `detail` is the broker's own message, which says more than the table's. */
export function brokerError(code: number, detail?: string | null): KafkaError {
  const name = protocolErrorsCodesById[code] ?? `UNKNOWN_ERROR_CODE_${code}`;
  const definition = protocolErrors[name];
  const text = definition?.message ?? `The broker answered error code ${code}.`;
  return new KafkaError(name, detail ? detail : text, definition?.canRetry ?? false);
}

/**
 * A connection that failed or ended before its answer came: whether the request was done is
 * unknown.
 */
export function networkError(address: string, what: string, cause?: unknown): KafkaError {
  return new KafkaError("NETWORK_EXCEPTION", `${address}: ${what}`, true, cause);
}

/** The parts that we read of the protocol library's response errors. */
interface ResponseErrorShape {
  readonly response?: unknown;
  readonly errors?: readonly {
    readonly apiCode?: number;
    readonly serverErrorMessage?: string | null;
  }[];
}

/** Parts that were not looked at because another one failed. */
const operationNotAttempted = 55;

/** What a failed call of the protocol library means: its first error code, or a text. */
export function callError(address: string, error: unknown): KafkaError {
  if (error instanceof KafkaError) return error;
  const errors = (error as ResponseErrorShape | null)?.errors;
  const first = errors?.find(({ apiCode }) => apiCode !== operationNotAttempted) ?? errors?.[0];
  if (first?.apiCode !== undefined) return brokerError(first.apiCode, first.serverErrorMessage);
  const message = `${address}: ${errorText(error)}`;
  return new KafkaError("UNKNOWN_SERVER_ERROR", message, false, error);
}

/**
 * The response that came with a failed call, for callers that look at each part of it; undefined
 * when there was none.
 */
export function responseOf<Response>(error: unknown): Response | undefined {
  return (error as ResponseErrorShape | null)?.response as Response | undefined;
}
