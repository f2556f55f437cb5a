// Puts an HTTP/1.1 answer together from the pieces in which it arrives: by length, in chunks, or up
// to the end of the connection. Everything is bounded; what is no HTTP answer is an error.

import type { HttpAnswer } from "./http-call.ts";

export interface ReadAnswer extends HttpAnswer {
  /** The connection can take another call. */
  readonly keepsAlive: boolean;
}

export interface AnswerReader {
  /** The next bytes; answers when the answer is complete. Throws for garbled bytes. */
  push(bytes: Uint8Array): ReadAnswer | undefined;
  /** The connection has ended: that completes an answer without a length. */
  end(): ReadAnswer | undefined;
  /** True when anything has arrived. */
  hasBegun(): boolean;
}

export const headSizeMaxBytes = 64 * 1024;
export const bodySizeMaxBytes = 256 * 1024 * 1024;

interface Head {
  readonly status: number;
  /** In lower case, with `\r\n` in front of each line. */
  readonly text: string;
  readonly original: string;
  readonly bodyStart: number;
  readonly length: number | "chunked" | "untilEnd";
}

export function answerReader(): AnswerReader {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  let head: Head | undefined;
  const all = (): Buffer => {
    const [first] = pieces;
    const whole =
      pieces.length === 1 && first !== undefined
        ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
        : Buffer.concat(pieces);
    pieces.splice(0, pieces.length, whole);
    return whole;
  };
  return {
    push(bytes) {
      pieces.push(bytes);
      sizeBytes += bytes.length;
      if (sizeBytes > headSizeMaxBytes + bodySizeMaxBytes) throw new Error("it is too long");
      head ??= readHead(all());
      if (head === undefined) return undefined;
      return complete(head, sizeBytes, bytes, all);
    },
    end() {
      return head?.length === "untilEnd"
        ? answerOf(head, all().subarray(head.bodyStart))
        : undefined;
    },
    hasBegun: () => sizeBytes > 0,
  };
}

function complete(
  head: Head,
  sizeBytes: number,
  last: Uint8Array,
  all: () => Buffer,
): ReadAnswer | undefined {
  if (head.length === "untilEnd") return undefined;
  if (head.length === "chunked") {
    // Every complete body ends like this, so nothing is decoded in vain for each piece.
    if (!endsWithBlankLine(last) && last.length >= 4) return undefined;
    const body = decodeChunks(all(), head.bodyStart);
    return body === undefined ? undefined : answerOf(head, body);
  }
  const end = head.bodyStart + head.length;
  return sizeBytes < end ? undefined : answerOf(head, all().subarray(head.bodyStart, end));
}

/** Undefined while the head is not complete; interim answers (1xx) are passed over. */
function readHead(bytes: Buffer, start = 0): Head | undefined {
  const end = bytes.indexOf("\r\n\r\n", start);
  if (end < 0) {
    if (bytes.length - start > headSizeMaxBytes) throw new Error("its headers are too long");
    if (!looksLikeHttp(bytes.subarray(start, start + 5))) throw new Error("it is no HTTP");
    return undefined;
  }
  const original = `\r\n${bytes.toString("latin1", start, end)}`;
  const status = Number(/^\r\nHTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(original)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw new Error("it is no HTTP");
  if (status < 200) return readHead(bytes, end + 4);
  const text = original.toLowerCase();
  return { status, text, original, bodyStart: end + 4, length: lengthOf(text, status) };
}

function looksLikeHttp(bytes: Buffer): boolean {
  return "HTTP/".startsWith(bytes.toString("latin1"));
}

function lengthOf(text: string, status: number): Head["length"] {
  if (status === 204 || status === 304) return 0;
  if (headerOf(text, text, "transfer-encoding")?.toLowerCase().endsWith("chunked"))
    return "chunked";
  const value = headerOf(text, text, "content-length");
  if (value === undefined) return "untilEnd";
  const length = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(length)) throw new Error(`its Content-Length is ${value}`);
  if (length > bodySizeMaxBytes) throw new Error("it is too long");
  return length;
}

function headerOf(lowerCase: string, original: string, name: string): string | undefined {
  const at = lowerCase.indexOf(`\r\n${name}:`);
  if (at < 0) return undefined;
  const start = at + name.length + 3;
  const end = lowerCase.indexOf("\r\n", start);
  return original.slice(start, end < 0 ? undefined : end).trim();
}

function answerOf(head: Head, body: Buffer): ReadAnswer {
  const connection = headerOf(head.text, head.text, "connection");
  const isOld = head.text.startsWith("\r\nhttp/1.0");
  return {
    status: head.status,
    header: (name) => headerOf(head.text, head.original, name),
    text: body.toString("utf8"),
    keepsAlive: head.length !== "untilEnd" && connection !== "close" && !isOld,
  };
}

function endsWithBlankLine(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes.subarray(-4);
  return a === 13 && b === 10 && c === 13 && d === 10;
}

/** Undefined while the last chunk has not come. */
function decodeChunks(bytes: Buffer, start: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const digits = /^([0-9a-fA-F]{1,8})\s*(?:;|$)/.exec(bytes.toString("latin1", at, lineEnd))?.[1];
    if (digits === undefined) throw new Error("its chunks are garbled");
    const size = Number.parseInt(digits, 16);
    if (size === 0)
      return bytes.indexOf("\r\n\r\n", lineEnd) < 0 ? undefined : Buffer.concat(chunks);
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return undefined;
    chunks.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}
