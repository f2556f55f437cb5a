// Takes the messages of a round trip as they come back and ticks them off. A record counts only
// when its key is the number of a message that was sent, and its value is that message's, where
// values can be made again.

import type { RecordCursor } from "../../kafka/client.ts";
import type { PayloadGenerator } from "../../measure/payload/payload-generator.ts";
import type { PayloadSpec } from "../../measure/payload/payload-spec.ts";
import type { RoundTripLoad } from "./round-trip-load.ts";

/** Keys are 4 bytes, little endian, as the Java Trogdor's. */
export const KEY_BYTES = 4;

/**
 * For the consumer's onRecords. `values` undefined: values are not compared. `isOlder`: the record
 * was there before the load began.
 */
export function createReceiver(
  load: RoundTripLoad,
  values: PayloadGenerator | undefined,
  isOlder: (record: RecordCursor) => boolean = () => false,
): (records: RecordCursor) => void {
  const { tracker, roundTrip } = load;
  const isExpected = valueComparison(values);
  let intendedUs = new Float64Array(1024);
  return (records) => {
    let count = 0;
    while (records.next()) {
      if (isOlder(records)) continue;
      const { keySize, valueSize } = records;
      const index = keySize === KEY_BYTES ? readUint32(records.bytes, records.keyOffset) : -1;
      if (
        index < 0 ||
        index >= tracker.frontier ||
        !isExpected(index, records.bytes, records.valueOffset, valueSize)
      ) {
        tracker.arriveForeign();
        continue;
      }
      if (tracker.arrive(index) !== "first") continue;
      load.bytes += KEY_BYTES + Math.max(0, valueSize);
      if (count === intendedUs.length) intendedUs = grown(intendedUs);
      intendedUs[count] = load.pacer.intendedUs(index);
      count += 1;
    }
    if (count === 0) return;
    roundTrip.recordUntil(records.receivedUs, intendedUs, 0, count);
    load.lastArrivalUs = records.receivedUs;
    if (tracker.received >= load.plan.maxMessages) load.onChange();
  };
}

/** Whether the same position always gives the same value. */
export function isRepeatable(spec: PayloadSpec): boolean {
  switch (spec.type) {
    case "null":
    case "constant":
    case "sequential":
    case "uniformRandom":
      return true;
    case "randomComponent":
      return spec.components.every(({ component }) => !component || isRepeatable(component));
    default:
      return false;
  }
}

type Comparison = (index: number, bytes: Uint8Array, offset: number, size: number) => boolean;

function valueComparison(values: PayloadGenerator | undefined): Comparison {
  if (values === undefined) return () => true;
  let expected = values.constant ?? new Uint8Array(64);
  return (index, bytes, offset, size) => {
    if (values.size(index) !== size) return false;
    if (size <= 0) return true;
    if (values.constant === undefined) {
      if (size > expected.length) expected = new Uint8Array(size);
      values.write(index, expected, 0);
    }
    for (let at = 0; at < size; at++) if (bytes[offset + at] !== expected[at]) return false;
    return true;
  };
}

function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset]! |
      (bytes[offset + 1]! << 8) |
      (bytes[offset + 2]! << 16) |
      (bytes[offset + 3]! << 24)) >>>
    0
  );
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
