// What brokers that misbehave can do to the native consumer: nothing but cost time. Whatever they
// answer, records come once and in order, or there is an error that says what was wrong.

import { describe, expect, test } from "bun:test";
import { Writer } from "@kafka-wire/protocol/writer.js";
import {
  partitionsOf,
  type TestConsumer,
  testConsumer,
} from "../../conformance/test-consumer.suite.ts";
import { type JavaConf, unstopped } from "../../conformance/test-load.suite.ts";
import { nativeClients } from "../clients.ts";
import { type FalseRequest, falseTopic, framed, startFalseBroker } from "../false-broker.suite.ts";
import { batchBytes, fetchAnswer } from "./fetch-answers.suite.ts";

const fetchKey = 1;
const listOffsetsKey = 2;
const recordCount = 40;

const recordsFrom = (offset: number, end = recordCount) =>
  batchBytes({
    baseOffset: offset,
    records: Array.from({ length: end - offset }, (_, index) => ({
      key: null,
      value: Buffer.from(`v${offset + index}`),
    })),
  });

/** The offset that a request asks of its only topicPartition. */
function askedOffset({ frame }: FalseRequest): number {
  // Behind the topic's name: tags of its only partition, then number, epoch and offset.
  const name = Buffer.from(frame).indexOf(Buffer.from(falseTopic), 40);
  return Number(Buffer.from(frame).readBigInt64BE(name + falseTopic.length + 1 + 4 + 4));
}

function earliestAnswer(): Uint8Array {
  const writer = Writer.create().appendTaggedFields().appendInt32(0);
  writer.appendArray([falseTopic], () => {
    writer.appendString(falseTopic);
    writer.appendArray([0], () => {
      writer.appendInt32(0).appendInt16(0).appendInt64(-1n).appendInt64(0n).appendInt32(0);
    });
  });
  return new Uint8Array(writer.appendTaggedFields().buffer);
}

/** What a good broker answers: batches of ten records, then nothing. */
function goodAnswer(offset: number): Uint8Array {
  const end = Math.min(recordCount, offset + 10);
  const records = offset < end ? recordsFrom(offset, end) : new Uint8Array(0);
  return fetchAnswer(falseTopic, [{ topicPartition: 0, endOffset: recordCount, records }]);
}

interface Consuming {
  readonly reader: TestConsumer;
  /** Fetch requests so far. */
  fetches(): number;
}

/** `misbehave` deals with some Fetch requests; the others are answered well. */
async function consuming(
  misbehave: (request: FalseRequest, offset: number) => boolean,
  check: (consuming: Consuming) => Promise<void>,
  more: JavaConf = {},
): Promise<void> {
  let fetches = 0;
  await using broker = startFalseBroker({
    script(request) {
      if (request.apiKey === listOffsetsKey) request.answer(earliestAnswer());
      else if (request.apiKey === fetchKey) {
        fetches += 1;
        const offset = askedOffset(request);
        if (misbehave(request, offset)) return true;
        if (offset < recordCount) request.answer(goodAnswer(offset));
        else setTimeout(() => request.answer(goodAnswer(offset)), 50);
      } else return false;
      return true;
    },
  });
  const conf = {
    "bootstrap.servers": `127.0.0.1:${broker.port}`,
    "request.timeout.ms": "300",
    "default.api.timeout.ms": "3000",
    "reconnect.backoff.ms": "10",
    "reconnect.backoff.max.ms": "20",
    "retry.backoff.ms": "10",
    ...more,
  };
  {
    await using reader = await testConsumer(nativeClients, conf);
    await reader.consumer.assign(partitionsOf(falseTopic, 1), unstopped);
    await check({ reader, fetches: () => fetches });
  }
  await broker.deserted();
}

async function expectAll({ reader }: Consuming): Promise<void> {
  await reader.until("all records", () => reader.records.length >= recordCount);
  const offsets = reader.records.map(({ offset }) => offset);
  expect(offsets).toEqual([...Array(recordCount).keys()]);
}

async function expectFatal({ reader }: Consuming, code: string, text: string): Promise<void> {
  await reader.until("the fatal error", () => reader.consumer.fatalError !== undefined);
  expect(reader.consumer.fatalError).toMatchObject({ code });
  expect(reader.consumer.fatalError!.message).toContain(text);
}

/** The first few requests are answered so. */
const first = (count: number, answer: (request: FalseRequest, offset: number) => void) => {
  let left = count;
  return (request: FalseRequest, offset: number) => {
    if (left === 0 || offset < 10) return false;
    left -= 1;
    answer(request, offset);
    return true;
  };
};

describe("the native consumer at a broker that misbehaves", () => {
  test.each<[string, (request: FalseRequest, offset: number) => void]>([
    ["answers rubbish", (request) => request.answer(new Uint8Array(100).fill(0xff))],
    ["answers nothing at all", (request) => request.answer(new Uint8Array(0))],
    ["answers another request", (request) => request.answer(goodAnswer(10), 4711)],
    ["announces a huge answer", ({ socket }) => void socket.write(Buffer.from("7fffffff", "hex"))],
    ["keeps silent", () => {}],
    ["closes the connection", ({ socket }) => void socket.end()],
    [
      "closes it in the middle of records",
      ({ socket, correlationId }, offset) => {
        const head = Buffer.alloc(4);
        head.writeInt32BE(correlationId);
        const records = Buffer.concat([
          recordsFrom(offset, offset + 3),
          recordsFrom(offset + 3, offset + 6),
        ]);
        const part = { topicPartition: 0, endOffset: recordCount, records };
        const whole = framed(Buffer.concat([head, fetchAnswer(falseTopic, [part])]));
        socket.write(whole.subarray(0, whole.length - 30));
        setTimeout(() => socket.end(), 20);
      },
    ],
    [
      "refuses for a while",
      (request) => request.answer(fetchAnswer(falseTopic, [{ topicPartition: 0, errorCode: 6 }])),
    ],
    ["refuses the whole request", (request) => request.answer(fetchAnswer(falseTopic, [], -1))],
    [
      "tells of topicPartitions that nobody asked for",
      (request, offset) => {
        const records = recordsFrom(offset, offset + 1);
        const parts = [
          { topicPartition: 9, records },
          { topicPartition: -1, records },
        ];
        request.answer(fetchAnswer(falseTopic, parts));
      },
    ],
    ["leaves the topicPartition out", (request) => request.answer(fetchAnswer(falseTopic, []))],
  ])("reads every record once when it %s", async (_name, answer) => {
    await consuming(first(2, answer), expectAll);
  });

  test("ends when a batch is corrupt, and names where", async () => {
    const spoil = first(1, (request, offset) => {
      const records = recordsFrom(offset, offset + 5);
      records[records.length - 2]! ^= 1;
      request.answer(fetchAnswer(falseTopic, [{ topicPartition: 0, records }]));
    });
    await consuming(spoil, (run) =>
      expectFatal(run, "CORRUPT_MESSAGE", `partition 0 of topic "${falseTopic}" at offset 10`),
    );
  });

  test("ends when the answer goes back, instead of asking for ever", async () => {
    const goBack = (request: FalseRequest, offset: number) => {
      if (offset < 20) return false;
      const part = { topicPartition: 0, records: recordsFrom(0, 10) };
      request.answer(fetchAnswer(falseTopic, [part]));
      return true;
    };
    await consuming(goBack, async (run) => {
      await expectFatal(run, "CORRUPT_MESSAGE", "before the offset");
      expect(run.fetches()).toBeLessThan(6);
    });
  });

  test("does not ask faster than retry.backoff.ms while it is refused", async () => {
    const refuse = (request: FalseRequest) => {
      request.answer(fetchAnswer(falseTopic, [{ topicPartition: 0, errorCode: 6 }]));
      return true;
    };
    const slow = { "retry.backoff.ms": "200" };
    await consuming(
      refuse,
      async ({ reader, fetches }) => {
        const beginMs = performance.now();
        await reader.until("some errors", () => reader.errors.length >= 2);
        expect(reader.consumer.trouble).toMatchObject({ code: "NOT_LEADER_OR_FOLLOWER" });
        expect(fetches()).toBeLessThan(6 + (performance.now() - beginMs) / 200);
      },
      slow,
    );
  });

  test("goes back to where the logs part when it was truncated", async () => {
    const truncate = first(1, (request) => {
      const part = { topicPartition: 0, diverging: [2, 7] as const };
      request.answer(fetchAnswer(falseTopic, [part]));
    });
    await consuming(truncate, async ({ reader }) => {
      await reader.until("the end", () => reader.records.at(-1)?.offset === recordCount - 1);
      const offsets = reader.records.map(({ offset }) => offset);
      const again = [...Array(recordCount).keys()].slice(7);
      expect(offsets).toEqual([...Array(10).keys(), ...again]);
      expect(reader.errors.map(({ code }) => code)).toEqual(["LOG_TRUNCATION"]);
    });
  });
});
