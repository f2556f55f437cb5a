// The delivery tells when there is room for more, or the consumer would wait for ever; and what may
// be committed, or records would be read twice or never.

import { expect, test } from "bun:test";
import { realClock } from "../../../platform/clock/real-clock.ts";
import { silentLog } from "../../../platform/log/log.ts";
import type { RecordCursor } from "../../client.ts";
import { batchCode } from "../batch-code/batch-code.ts";
import { createCodecs } from "./codecs.ts";
import { createDelivery } from "./delivery.ts";
import { batchBytes } from "./fetch-answers.suite.ts";
import type { Parcel } from "./parcel.ts";
import { createParcelWalk, type ParcelWalk } from "./record-cursor.ts";

const parcel: Parcel = {
  owner: { name: "t", topicPartition: 0, position: 0 },
  generation: 0,
  bytes: new Uint8Array(8),
  start: 0,
  end: 8,
  nextOffset: 1,
  codecs: 0,
  filter: undefined,
  receivedUs: 0,
};

test("says that it is idle when the last call of a slow sink ended the last parcel", async () => {
  const walk: ParcelWalk = {
    cursor: {} as ParcelWalk["cursor"],
    failure: undefined,
    nextOffset: 1,
    currentOffset: 0,
    isAtEnd: true,
    neededFrom: 0,
    open() {},
    allow: () => true,
    leaveRecord() {},
    move() {},
  };
  const call = Promise.withResolvers<void>();
  const idle = Promise.withResolvers<void>();
  const delivery = createDelivery({
    walk,
    codecs: createCodecs(),
    recordsMax: 500,
    environment: { clock: realClock, log: silentLog },
    onRecords: () => call.promise,
    isCurrent: () => true,
    onIdle: idle.resolve,
    onFatal: idle.reject,
  });
  delivery.offer(parcel);
  expect(delivery.isIdle).toBe(false);
  call.resolve();
  await idle.promise;
  expect(delivery.isIdle).toBe(true);
  expect(parcel.owner.position).toBe(1);
});

const takeFour: [how: string, take: (records: RecordCursor) => void][] = [
  [
    "one by one",
    (records) => {
      for (let count = 0; count < 4; count++) records.next();
    },
  ],
  [
    "at once",
    (records) => {
      const into = { bytes: 0, runs: new Float64Array(16), runCount: 0 };
      expect(records.tally!(4, into)).toBe(4);
    },
  ],
];

test.each(takeFour)("all that a call has taken %s is done with at its end", async (_how, take) => {
  const codecs = createCodecs();
  const walk = createParcelWalk({ checkCrcs: true, codecs, ...batchCode() });
  const records = Array.from({ length: 10 }, () => ({ key: null, value: new Uint8Array(9) }));
  const bytes = Uint8Array.from(batchBytes({ baseOffset: 0, records }));
  const calls = [Promise.withResolvers<void>(), undefined];
  const delivery = createDelivery({
    walk,
    codecs,
    recordsMax: 500,
    environment: { clock: realClock, log: silentLog },
    onRecords(cursor) {
      take(cursor);
      delivery.isPaused = calls.length === 1;
      return calls.shift()?.promise;
    },
    isCurrent: () => true,
    onIdle() {},
    onFatal(error) {
      throw error;
    },
  });
  const owner = { name: "t", topicPartition: 0, position: 0 };
  const [slow] = calls;
  delivery.offer({ ...parcel, owner, bytes, end: bytes.length, nextOffset: 10 });
  expect(delivery.positionOf(owner)).toBe(3);
  slow!.resolve();
  await delivery.hold();
  expect(delivery.positionOf(owner)).toBe(4);
  delivery.release();
  expect(delivery.positionOf(owner)).toBe(8);
});
