// One table between our error codes and HTTP status codes, in both directions. The `code` in an
// error body always equals the status: Java clients believe the body.

import { TrogdorError, type TrogdorErrorCode } from "../core/trogdor-error.ts";
import { problemLine } from "../spec/problems.ts";

export const statusOfCode: Readonly<Record<TrogdorErrorCode, number>> = {
  usage: 400,
  spec: 400,
  configuration: 400,
  invalidRequest: 400,
  refused: 403,
  notFound: 404,
  conflict: 409,
  unknownClass: 501,
  unavailable: 503,
  timeout: 503,
  task: 500,
  interrupted: 500,
};

/** What a client takes an answer's code for; everything else is `unavailable`: a general error. */
const codeOfStatus: ReadonlyMap<number, TrogdorErrorCode> = new Map([
  [400, "invalidRequest"],
  [401, "refused"],
  [403, "refused"],
  [404, "notFound"],
  [405, "invalidRequest"],
  [406, "invalidRequest"],
  [409, "conflict"],
  [413, "invalidRequest"],
  [415, "invalidRequest"],
  [421, "refused"],
  [431, "invalidRequest"],
  [501, "unknownClass"],
]);

export function errorOfStatus(status: number, message: string): TrogdorError {
  return new TrogdorError(codeOfStatus.get(status) ?? "unavailable", message);
}

/** A failure that only HTTP knows: a wrong method, path, type, size or credential. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export function statusOfError(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  return error instanceof TrogdorError ? statusOfCode[error.code] : 500;
}

const shownProblemsMax = 20;
const messageLengthMax = 8000;

/** The message of an error body: every problem, on one line. */
export function messageOfError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const problems = error instanceof TrogdorError ? error.problems : [];
  const text = problems.length > 1 ? problemsText(problems.map(problemLine)) : error.message;
  return text.length <= messageLengthMax ? text : `${text.slice(0, messageLengthMax)}...`;
}

function problemsText(lines: readonly string[]): string {
  const more = lines.length - shownProblemsMax;
  const shown = lines.slice(0, shownProblemsMax).join("; ");
  return more > 0 ? `${shown}; and ${more} more` : shown;
}

/** Exactly `code` and `message`; Java clients refuse any other member. */
export function errorBody(status: number, message: string): string {
  return JSON.stringify(message === "" ? { code: status } : { code: status, message });
}
