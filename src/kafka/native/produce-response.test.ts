// Produce responses, written by the protocol's grammar and read by us and by the protocol library.

import { describe, expect, test } from "bun:test";
import { parseResponse } from "@kafka-wire/apis/producer/produce-v11.js";
import { Reader } from "@kafka-wire/protocol/reader.js";
import { Writer } from "@kafka-wire/protocol/writer.js";
import fc from "fast-check";
import { FrameError } from "./frame-reader.ts";
import { readProduceResponse } from "./produce-response.ts";

interface Part {
  readonly index: number;
  readonly errorCode: number;
  readonly recordErrors: readonly (string | null)[];
  readonly errorMessage: string | null;
  readonly hasLeaderTag: boolean;
}

interface Answer {
  readonly topics: readonly { readonly name: string; readonly parts: readonly Part[] }[];
  readonly throttleMs: number;
}

const text = fc.option(fc.string({ minLength: 1, maxLength: 150 }), { nil: null });
const answers: fc.Arbitrary<Answer> = fc.record({
  topics: fc.array(
    fc.record({
      name: fc.string({ minLength: 1, maxLength: 30 }),
      parts: fc.array(
        fc.record({
          index: fc.nat(),
          errorCode: fc.constantFrom(0, 0, 6, 10, 45, 46, 87, -1),
          recordErrors: fc.array(text, { maxLength: 2 }),
          errorMessage: text,
          hasLeaderTag: fc.boolean(),
        }),
        { maxLength: 4 },
      ),
    }),
    { maxLength: 3 },
  ),
  throttleMs: fc.nat(),
});

function write(answer: Answer): Buffer {
  const writer = Writer.create().appendTaggedFields();
  writer.appendArray([...answer.topics], (_w, { name, parts }) => {
    writer.appendString(name).appendArray(
      [...parts],
      (_each, part) => {
        writer.appendInt32(part.index).appendInt16(part.errorCode);
        writer.appendInt64(5n).appendInt64(-1n).appendInt64(0n);
        writer.appendArray([...part.recordErrors], (_record, message) => {
          writer.appendInt32(0).appendString(message);
        });
        writer.appendString(part.errorMessage);
        // One tag, number 0, 8 bytes: the present leader and its epoch.
        if (part.hasLeaderTag) writer.append(Buffer.from([1, 0, 8, 0, 0, 0, 2, 0, 0, 0, 9]));
        else writer.appendTaggedFields();
      },
      true,
      false,
    );
  });
  return writer.appendInt32(answer.throttleMs).appendTaggedFields().buffer;
}

describe("a Produce response", () => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const { parts, throttleMs } = readProduceResponse(write(answer));
        expect(throttleMs).toBe(answer.throttleMs);
        expect(parts).toEqual(
          answer.topics.flatMap(({ name, parts }) =>
            parts.map((part) => ({
              topic: name,
              topicPartition: part.index,
              errorCode: part.errorCode,
              errorMessage:
                part.errorCode === 0
                  ? undefined
                  : (part.errorMessage ??
                    part.recordErrors.find((one) => one !== null) ??
                    undefined),
            })),
          ),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("is read as the protocol library reads it", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const clean: Answer = {
          ...answer,
          topics: answer.topics.map(({ name, parts }) => ({
            name,
            parts: parts.map((part) => ({ ...part, errorCode: 0, recordErrors: [] })),
          })),
        };
        const frame = write(clean);
        const reference = parseResponse(0, 0, 11, Reader.from(Buffer.from(frame.subarray(1))));
        const { parts, throttleMs } = readProduceResponse(frame);
        expect(throttleMs).toBe(reference.throttleTimeMs);
        expect(parts.map(({ topic, topicPartition }) => [topic, topicPartition])).toEqual(
          reference.responses.flatMap(({ name, partitionResponses }) =>
            partitionResponses.map(({ index }): [string, number] => [name, index]),
          ),
        );
      }),
      { numRuns: 100 },
    );
  });

  test("that is cut off anywhere is refused", () => {
    const part = {
      index: 1,
      errorCode: 6,
      recordErrors: [],
      errorMessage: "no",
      hasLeaderTag: true,
    };
    const frame = write({ topics: [{ name: "t", parts: [part, part] }], throttleMs: 0 });
    for (let size = 0; size < frame.byteLength - 1; size++) {
      expect(() => readProduceResponse(frame.subarray(0, size))).toThrow(FrameError);
    }
  });

  test("of arbitrary bytes is read or refused, soon", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readProduceResponse(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
