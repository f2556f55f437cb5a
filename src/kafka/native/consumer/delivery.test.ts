// The delivery tells when there is room for more, or the consumer would wait for ever.

import { expect, test } from "bun:test";
import { realClock } from "../../../platform/clock/real-clock.ts";
import { silentLog } from "../../../platform/log/log.ts";
import { createCodecs } from "./codecs.ts";
import { createDelivery } from "./delivery.ts";
import type { Parcel } from "./parcel.ts";
import type { ParcelWalk } from "./record-cursor.ts";

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
