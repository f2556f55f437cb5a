// Hands fetched records over, one call of `onRecords` at a time. What a sink cannot take at once
// (it answered with a promise, or the consumer is paused) waits here; only then are bytes copied
// out of buffers that the connection writes over.

import { errorText } from "../../../core/trogdor-error.ts";
import { type ClientEnvironment, KafkaError, type RecordCursor } from "../../client.ts";
import { sinkError } from "../../consumer-errors.ts";
import type { Codecs } from "./codecs.ts";
import type { Parcel, ParcelOwner } from "./parcel.ts";
import type { ParcelWalk } from "./record-cursor.ts";

export interface Delivery {
  /** Takes records as they come. The bytes may be written over when this has returned. */
  offer(parcel: Parcel): void;
  /** Nothing waits to be handed over. */
  readonly isIdle: boolean;
  /** Since when the present call of `onRecords` runs; undefined: none does. */
  readonly busySinceUs: number | undefined;
  /** Offers nothing while it is true. */
  isPaused: boolean;
  /** Tries to go on, after a pause or when parcels may have become void. */
  pump(): void;
  /** The position that may be committed: behind what is done with. */
  positionOf(owner: ParcelOwner): number;
  /** Holds everything back until `release`; resolves when no call of `onRecords` runs any more. */
  hold(): Promise<void>;
  release(): void;
}

export interface DeliveryOptions {
  readonly walk: ParcelWalk;
  readonly codecs: Codecs;
  readonly recordsMax: number;
  readonly environment: ClientEnvironment;
  onRecords(records: RecordCursor): void | Promise<void>;
  /** Whether nobody has sought or revoked the parcel's owner since it was asked for. */
  isCurrent(parcel: Parcel): boolean;
  /** Everything was handed over, after some of it had to wait. */
  onIdle(): void;
  onFatal(error: KafkaError): void;
}

/** How long to leave a sink alone that takes nothing. */
const pauseMs = 1;

export function createDelivery(options: DeliveryOptions): Delivery {
  const { walk, codecs, environment } = options;
  const queue: Parcel[] = [];
  const waiters: (() => void)[] = [];
  let opened: Parcel | undefined;
  let busySinceUs: number | undefined;
  let holds = 0;
  let isLoading = false;
  let isResting = false;
  let isEnded = false;

  function end(error: KafkaError): void {
    isEnded = true;
    queue.length = 0;
    options.onFatal(error);
  }

  /** Whether the first parcel has records and may be handed over. */
  function isReady(parcel: Parcel): boolean {
    if (opened !== parcel) {
      const missing = missingCodec(parcel);
      if (missing !== undefined) {
        void load(missing);
        return false;
      }
      walk.open(parcel);
      opened = parcel;
    }
    return true;
  }

  function missingCodec({ codecs: needed }: Parcel): number | undefined {
    for (let codec = 1; 1 << codec <= needed; codec++) {
      if ((needed & (1 << codec)) !== 0 && codecs.get(codec) === undefined) return codec;
    }
    return undefined;
  }

  async function load(codec: number): Promise<void> {
    isLoading = true;
    try {
      await codecs.load(codec);
    } catch (error) {
      const message = `the codec of a batch could not be loaded: ${errorText(error)}`;
      end(new KafkaError("UNSUPPORTED_COMPRESSION_TYPE", message, false, error));
    }
    isLoading = false;
    delivery.pump();
  }

  function settle(parcel: Parcel): void {
    walk.leaveRecord();
    const isVoid = !options.isCurrent(parcel);
    if (!isVoid) {
      parcel.owner.position = walk.isAtEnd
        ? Math.max(walk.nextOffset, parcel.nextOffset)
        : walk.nextOffset;
      if (walk.failure !== undefined) end(walk.failure);
    }
    if ((isVoid || walk.isAtEnd) && queue[0] === parcel) {
      queue.shift();
      opened = undefined;
    }
  }

  function rest(): void {
    isResting = true;
    setTimeout(() => {
      isResting = false;
      delivery.pump();
    }, pauseMs);
  }

  /** Calls the sink once; false when the walk has to wait. */
  function handOver(parcel: Parcel): boolean {
    const before = walk.nextOffset;
    busySinceUs = environment.clock.nowUs();
    let result: void | Promise<void>;
    try {
      result = options.onRecords(walk.cursor);
    } catch (error) {
      busySinceUs = undefined;
      end(sinkError(error));
      return false;
    }
    if (result !== undefined) {
      result.then(
        () => called(parcel, before),
        (error: unknown) => {
          busySinceUs = undefined;
          wake();
          end(sinkError(error));
        },
      );
      return false;
    }
    busySinceUs = undefined;
    settle(parcel);
    if (opened === parcel && walk.nextOffset === before) {
      rest();
      return false;
    }
    return true;
  }

  function called(parcel: Parcel, before: number): void {
    busySinceUs = undefined;
    settle(parcel);
    if (opened === parcel && walk.nextOffset === before) rest();
    wake();
    if (queue.length > 0) delivery.pump();
    else if (!isEnded) options.onIdle();
  }

  function wake(): void {
    for (const waiter of waiters.splice(0)) waiter();
  }

  const mayGoOn = () =>
    busySinceUs === undefined &&
    holds === 0 &&
    !delivery.isPaused &&
    !isLoading &&
    !isResting &&
    !isEnded;

  /** Hands over until nothing is left or it has to wait. */
  function run(): void {
    while (queue.length > 0 && mayGoOn()) {
      const parcel = queue[0]!;
      if (!options.isCurrent(parcel)) {
        queue.shift();
        opened = undefined;
        continue;
      }
      if (!isReady(parcel)) return;
      if (walk.allow(options.recordsMax)) {
        if (!handOver(parcel)) return;
      } else settle(parcel);
    }
  }

  const delivery: Delivery = {
    isPaused: false,
    get isIdle() {
      return queue.length === 0;
    },
    get busySinceUs() {
      return busySinceUs;
    },
    offer(parcel) {
      if (isEnded) return;
      queue.push(parcel);
      run();
      if (queue.at(-1) === parcel) keep(parcel, opened, walk);
    },
    pump() {
      const wasWaiting = queue.length > 0;
      run();
      if (wasWaiting && queue.length === 0 && !isEnded) options.onIdle();
    },
    positionOf(owner) {
      return opened?.owner === owner && options.isCurrent(opened)
        ? walk.currentOffset
        : owner.position;
    },
    hold() {
      holds += 1;
      if (busySinceUs === undefined) return Promise.resolve();
      return new Promise((resolve) => waiters.push(resolve));
    },
    release() {
      holds -= 1;
      delivery.pump();
    },
  };
  return delivery;
}

/** Copies what is left of a parcel into memory of its own. */
function keep(parcel: Parcel, opened: Parcel | undefined, walk: ParcelWalk): void {
  const isOpened = parcel === opened;
  const from = isOpened ? walk.neededFrom : parcel.start;
  const copy = new Uint8Array(parcel.bytes.subarray(from, parcel.end));
  parcel.bytes = copy;
  parcel.start = 0;
  parcel.end = copy.length;
  if (isOpened) walk.move(copy, from);
}
