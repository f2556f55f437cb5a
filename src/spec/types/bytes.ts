// Bytes: base64 text, or an array of byte numbers (-128..255), or one such number.

import { readInteger } from "./integer.ts";
import { type Refusal, refused, scalar } from "./scalar.ts";

/** Padded; white space only between groups of four, as the reference has it. */
const BASE64 = /^(?:\s*[A-Za-z0-9+/]{4})*(?:\s*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=))?\s*$/;

export const bytes = () =>
  scalar<Uint8Array>({
    expected: "bytes as base64 text or as an array of whole numbers from -128 to 255",
    jsonSchema: {
      anyOf: [
        { type: "string", contentEncoding: "base64" },
        { type: "array", items: { type: "integer", minimum: -128, maximum: 255 } },
      ],
    },
    read: readBytes,
  });

function readBytes(value: unknown): Uint8Array | Refusal {
  if (typeof value === "string") {
    return BASE64.test(value) ? new Uint8Array(Buffer.from(value, "base64")) : refused;
  }
  const numbers = (Array.isArray(value) ? value : [value]).map(byteNumber);
  return numbers.includes(undefined) ? refused : Uint8Array.from(numbers as number[]);
}

/** Null is 0 and a fraction is cut off, as for every number of the reference. */
function byteNumber(element: unknown): number | undefined {
  const whole = readInteger(element ?? 0, -128n, 255n);
  return typeof whole === "bigint" ? Number(whole) : undefined;
}
