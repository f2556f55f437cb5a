// What a request may carry and what its sender must accept, and its body as JSON.

import { TrogdorError } from "../core/trogdor-error.ts";
import { type JsonValue, parseJson, SPEC_SIZE_MAX_BYTES } from "../spec/json.ts";
import { HttpError } from "./error-status.ts";

/** A body must be JSON and the sender must take JSON; without body and type nothing is checked. */
export function checkTypes(headers: Headers): void {
  const type = headers.get("content-type");
  const isJson = type !== null && /^application\/json\s*(;|$)/i.test(type.trim());
  if (type === null ? hasBody(headers) : !isJson) {
    const found = type === null ? "none" : JSON.stringify(type);
    throw new HttpError(
      415,
      `HTTP 415 Unsupported Media Type: expected Content-Type application/json, found ${found}`,
    );
  }
  const accept = headers.get("accept");
  if (accept !== null && accept.trim() !== "" && !acceptsJson(accept)) {
    throw new HttpError(406, "HTTP 406 Not Acceptable: this daemon answers application/json");
  }
}

/** Undefined when there is no body, or only blanks. */
export async function readBody(request: Request): Promise<JsonValue | undefined> {
  if (!hasBody(request.headers)) return undefined;
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > SPEC_SIZE_MAX_BYTES) throw tooLarge();
  const bytes = await request.arrayBuffer().catch(() => {
    throw new HttpError(400, "the body is not complete");
  });
  if (bytes.byteLength > SPEC_SIZE_MAX_BYTES) throw tooLarge();
  const text = decodeBody(bytes);
  if (/^\s*$/.test(text)) return undefined;
  return parseJson(text, { code: "invalidRequest", trailing: "refused" });
}

/** For calls that cannot do without a body. */
export function bodyOf(body: JsonValue | undefined): JsonValue {
  if (body !== undefined) return body;
  throw new TrogdorError("invalidRequest", "the request has no body: expected a JSON object");
}

function acceptsJson(accept: string): boolean {
  return accept.split(",").some((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter));
    return !isRefused && ["application/json", "application/*", "*/*", "*"].includes(type);
  });
}

function hasBody(headers: Headers): boolean {
  const length = headers.get("content-length");
  return headers.has("transfer-encoding") || (length !== null && Number(length) > 0);
}

function decodeBody(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new HttpError(400, "the body is not UTF-8 text");
  }
}

function tooLarge(): HttpError {
  return new HttpError(413, `the body is too large: at most ${SPEC_SIZE_MAX_BYTES} bytes are read`);
}
