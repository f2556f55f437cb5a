// One HTTP call to a daemon, and what its answer means. An answer that cannot be read counts as an
// input/output error: what was asked for may have happened or not.

import { errorText, TrogdorError } from "../core/trogdor-error.ts";
import { isJsonObject, parseJson } from "../spec/json.ts";
import { readInteger } from "../spec/types/integer.ts";
import { errorOfStatus } from "./error-status.ts";
import type { Credentials } from "./listening.ts";

export interface HttpCall {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With the question mark and what stands behind. */
  readonly path: string;
  readonly body?: string;
  readonly timeoutMs: number;
  /** False: the connection is not used again. */
  readonly keepsAlive?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  readonly text: string;
}

/** Calls one daemon; rejects with `unavailable` when no answer came. */
export interface Transport {
  call(call: HttpCall): Promise<HttpAnswer>;
  close(): void;
}

export interface TransportOptions extends Credentials {
  readonly hostname: string;
  readonly port: number;
  /** The id of the coordinator that calls; absent for everyone else. */
  readonly coordinatorId?: string;
  /** The node whose agent is meant; other agents refuse the call. */
  readonly node?: string;
}

export function callHeaders(call: HttpCall, options: TransportOptions): Record<string, string> {
  return {
    "User-Agent": "trogdor",
    Accept: "application/json",
    ...(call.body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` }),
    ...(options.coordinatorId === undefined
      ? {}
      : { "Trogdor-Coordinator": options.coordinatorId }),
    ...(options.node === undefined ? {} : { "Trogdor-Node": encodeURIComponent(options.node) }),
  };
}

/** `unavailable` with this mark: no answer came, or none that could be read. */
export class NoAnswerError extends TrogdorError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super("unavailable", message, options);
  }
}

/** The answer of a call that succeeded, read; an error answer is thrown as what its code says. */
export async function callAndRead<T>(
  transport: Transport,
  call: HttpCall,
  read: (answer: HttpAnswer) => T,
): Promise<T> {
  const answer = await transport.call(call);
  if (answer.status !== 200) throw errorOf(answer, call);
  try {
    return read(answer);
  } catch (error) {
    const what = `${call.method} ${call.path}`;
    throw new NoAnswerError(`the answer to ${what} was not understood: ${errorText(error)}`, {
      cause: error,
    });
  }
}

/** The code in the body counts; without one, the status does: some servers answer with HTML. */
function errorOf(answer: HttpAnswer, call: HttpCall): TrogdorError {
  const body = bodyOf(answer.text);
  const code = body.code ?? answer.status;
  const message = body.message ?? `${call.method} ${call.path} was answered with HTTP ${code}`;
  return errorOfStatus(code, message);
}

function bodyOf(text: string): { code?: number; message?: string } {
  try {
    const json = parseJson(text);
    if (!isJsonObject(json)) return {};
    const { code, message } = json;
    const number = readInteger(code, 100n, 999n);
    return {
      ...(typeof number === "bigint" ? { code: Number(number) } : {}),
      ...(typeof message === "string" && message !== "" ? { message } : {}),
    };
  } catch {
    return {};
  }
}
