// What the state machines know of a task's spec: when it runs, and its canonical text, which is all
// that is compared, stored and sent. What the fields mean is the business of the task types.

/** Compact JSON text. The core hands it on and never looks inside. */
export type JsonText = string;

export interface SpecData {
  readonly className: string;
  /** Epoch milliseconds; any 64-bit number. */
  readonly startMs: bigint;
  /** 0 to 1e15. */
  readonly durationMs: number;
  /** The canonical form; it begins with `{"class":"...","startMs":N,`. */
  readonly text: JsonText;
}

const int64Max = 9_223_372_036_854_775_807n;
const beginning = /^(\{"class":"(?:[^"\\]|\\.)*","startMs":)-?\d+/;

/** The same spec with another start. */
export function withStartMs(spec: SpecData, startMs: bigint): SpecData {
  if (spec.startMs === startMs) return spec;
  const text = spec.text.replace(beginning, (_match, before: string) => `${before}${startMs}`);
  return { ...spec, startMs, text };
}

/** True when `startMs + durationMs` is over, also when the sum is no 64-bit number (as in Java). */
export function hasExpired(spec: SpecData, nowMs: number): boolean {
  const endMs = spec.startMs + BigInt(spec.durationMs);
  return endMs > int64Max || endMs <= BigInt(Math.floor(nowMs));
}
