// What is read past Bun comes once and in order, and Bun goes on where that ends: with the last
// bytes, with a single one, and with the end of the connection.

import { afterEach, expect, test } from "bun:test";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { openSocket, type RawSocket } from "./socket.ts";

const sizeBytes = 3_000_000;
const sent = new Uint8Array(sizeBytes).map((_, at) => (at * 2_654_435_761) >>> 11);
let server: Server | undefined;

afterEach(() => void server?.close());

interface Receiver {
  readonly socket: RawSocket;
  readonly peer: Socket;
  readonly received: Uint8Array;
  count(): number;
  /** Pieces that came in one and the same memory. */
  reused(): number;
  until(count: number): Promise<void>;
  readonly ended: Promise<string>;
}

/** `announced`: how much the receiver believes will come. */
async function receiver(announced: number): Promise<Receiver> {
  const accepted = Promise.withResolvers<Socket>();
  server = createServer((peer) => accepted.resolve(peer));
  await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
  const received = new Uint8Array(sizeBytes + 10);
  const ended = Promise.withResolvers<string>();
  const memories = new Set<ArrayBufferLike>();
  let pieces = 0;
  let count = 0;
  let waiting: { count: number; resolve(): void } | undefined;
  const socket = await openSocket({
    name: "the test's server",
    address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    tls: undefined,
    setupTimeoutMs: 10_000,
    bytesLeft: () => announced - count,
    onData(chunk) {
      received.set(chunk, count);
      count += chunk.length;
      pieces += 1;
      memories.add(chunk.buffer);
      if (waiting !== undefined && count >= waiting.count) waiting.resolve();
    },
    onClose: (reason) => ended.resolve(reason.message),
  });
  return {
    socket,
    peer: await accepted.promise,
    received,
    count: () => count,
    reused: () => pieces - memories.size,
    until(wanted) {
      if (count >= wanted) return Promise.resolve();
      return new Promise((resolve) => {
        waiting = { count: wanted, resolve };
      });
    },
    ended: ended.promise,
  };
}

test("a large answer comes whole and in order", async () => {
  let reused = 0;
  // The first tries may find the sender too slow.
  for (let round = 0; round < 50 && reused === 0; round++) {
    const { socket, peer, received, reused: times, until } = await receiver(sizeBytes);
    peer.write(sent);
    await until(sizeBytes);
    expect(Buffer.compare(received.subarray(0, sizeBytes), sent)).toBe(0);
    socket.close();
    server?.close();
    reused = times();
  }
  expect(reused).toBeGreaterThan(0);
});

test("a single byte comes after more was waited for in vain", async () => {
  for (let round = 0; round < 5; round++) {
    const { socket, peer, received, until } = await receiver(sizeBytes);
    peer.write(sent.subarray(0, 1_000_000));
    await until(1_000_000);
    peer.write(sent.subarray(1_000_000, 1_000_001));
    await until(1_000_001);
    expect(Buffer.compare(received.subarray(0, 1_000_001), sent.subarray(0, 1_000_001))).toBe(0);
    socket.close();
    server?.close();
  }
});

test("the end of the connection in the middle of an answer is told", async () => {
  const { peer, count, ended } = await receiver(sizeBytes);
  peer.end(sent.subarray(0, 2_000_000));
  expect(await ended).toContain("closed");
  expect(count()).toBe(2_000_000);
});
