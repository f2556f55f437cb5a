// Asks a broker which brokers it knows: one Metadata request (version 1, which every Kafka since
// 0.10 answers), written by hand so that starting a cluster depends on no client library.

import { connect } from "node:net";

const METADATA_KEY = 3;
const METADATA_VERSION = 1;
const ANSWER_TIMEOUT_MS = 2_000;

/** The number of brokers that this one sees in service; 0 while it does not answer. */
export function countBrokersSeenBy(host: string, port: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const received: Buffer[] = [];
  const socket = connect({ host, port, timeout: ANSWER_TIMEOUT_MS });
  const finish = (count: number) => {
    socket.destroy();
    resolve(count);
  };
  socket.on("connect", () => socket.write(metadataRequest()));
  socket.on("timeout", () => finish(0));
  socket.on("error", () => finish(0));
  socket.on("close", () => finish(0));
  socket.on("data", (chunk: Buffer) => {
    received.push(chunk);
    const frame = Buffer.concat(received);
    // Frame: length, correlation id, then the array of brokers, which begins with its length.
    if (frame.length >= 12) finish(frame.readInt32BE(8));
  });
  return promise;
}

/** Frame: length, api key, api version, correlation id, no client id, an empty list of topics. */
function metadataRequest(): Buffer {
  const request = Buffer.alloc(18);
  request.writeInt32BE(14, 0);
  request.writeInt16BE(METADATA_KEY, 4);
  request.writeInt16BE(METADATA_VERSION, 6);
  request.writeInt32BE(1, 8);
  request.writeInt16BE(-1, 12);
  request.writeInt32BE(0, 14);
  return request;
}
