// A broker of one topic on loopback that can be made to misbehave: it answers what a producer asks
// as Kafka would, unless the test's script answers otherwise, on the level of bytes.

import { Writer } from "@kafka-wire/protocol/writer.js";
import { createFrameReader } from "./frame-reader.ts";
import { readProduceFrame, writeProduceAnswer } from "./produce-frames.suite.ts";

export const falseTopic = "t";

export const apiKeys = { produce: 0, metadata: 3, apiVersions: 18, initProducerId: 22 } as const;

export type FalseSocket = Bun.Socket<{ push(chunk: Uint8Array): void }>;

export interface FalseRequest {
  readonly apiKey: number;
  readonly correlationId: number;
  /** How many requests of this kind came before, over all connections. */
  readonly index: number;
  /** The request from its length on. */
  readonly frame: Uint8Array;
  /** What Kafka would answer, behind the correlation id. */
  readonly body: Uint8Array;
  readonly socket: FalseSocket;
  /** Sends a frame of this body. */
  answer(body: Uint8Array, correlationId?: number): void;
}

/** True: the script has dealt with the request. */
export type Script = (request: FalseRequest) => boolean;

export interface FalseBroker extends AsyncDisposable {
  readonly port: number;
  /** Resolves when no connection is open. */
  deserted(): Promise<void>;
}

export interface FalseBrokerOptions {
  readonly partitionCount?: number;
  readonly script?: Script;
  /** Called for each new connection. */
  onOpen?(socket: FalseSocket): void;
  /** Called for each piece that was read, before it is looked at. */
  onChunk?(socket: FalseSocket, chunk: Uint8Array): void;
  /** What came was not Kafka, or had a batch in it that is corrupt. */
  onNonsense?(error: unknown): void;
  readonly tls?: Bun.TLSOptions;
}

export function startFalseBroker(options: FalseBrokerOptions = {}): FalseBroker {
  const sockets = new Set<FalseSocket>();
  const counts = new Map<number, number>();
  const waiters: (() => void)[] = [];

  function onFrame(socket: FalseSocket, body: Uint8Array): void {
    const frame = framed(body);
    const view = new DataView(frame.buffer);
    const apiKey = view.getInt16(4);
    const correlationId = view.getInt32(8);
    const index = counts.get(apiKey) ?? 0;
    counts.set(apiKey, index + 1);
    const request: FalseRequest = {
      apiKey,
      correlationId,
      index,
      frame,
      socket,
      body: properAnswer(apiKey, frame, server.port, options.partitionCount ?? 1),
      answer(answerBody, id = correlationId) {
        const head = Buffer.alloc(4);
        head.writeInt32BE(id);
        socket.write(framed(Buffer.concat([head, answerBody])));
      },
    };
    if (!options.script?.(request)) request.answer(request.body);
  }

  const server = Bun.listen<{ push(chunk: Uint8Array): void }>({
    hostname: "127.0.0.1",
    port: 0,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    socket: {
      open(socket) {
        sockets.add(socket);
        const reader = createFrameReader((body) => onFrame(socket, body));
        socket.data = { push: (chunk) => reader.push(chunk) };
        options.onOpen?.(socket);
      },
      data(socket, chunk) {
        const copy = new Uint8Array(chunk);
        options.onChunk?.(socket, copy);
        try {
          socket.data.push(copy);
        } catch (error) {
          // Not Kafka, for example the first bytes of TLS: silence is the answer.
          options.onNonsense?.(error);
        }
      },
      close(socket) {
        sockets.delete(socket);
        if (sockets.size === 0) for (const resolve of waiters.splice(0)) resolve();
      },
    },
  });

  return {
    port: server.port,
    deserted() {
      if (sockets.size === 0) return Promise.resolve();
      return new Promise((resolve) => waiters.push(resolve));
    },
    async [Symbol.asyncDispose]() {
      server.stop(true);
    },
  };
}

export function framed(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + body.byteLength);
  new DataView(frame.buffer).setInt32(0, body.byteLength);
  frame.set(body, 4);
  return frame;
}

function properAnswer(
  apiKey: number,
  frame: Uint8Array,
  port: number,
  partitionCount: number,
): Uint8Array {
  switch (apiKey) {
    case apiKeys.apiVersions:
      return versionsAnswer();
    case apiKeys.metadata:
      return metadataAnswer(port, partitionCount);
    case apiKeys.initProducerId:
      return producerIdAnswer();
    case apiKeys.produce: {
      const parts = readProduceFrame(frame);
      return writeProduceAnswer(parts.map((part) => ({ ...part, errorCode: 0 })));
    }
    default:
      return new Uint8Array(0);
  }
}

function versionsAnswer(): Uint8Array {
  const writer = Writer.create().appendInt16(0);
  writer.appendArray(Object.values(apiKeys), (_writer, key) => {
    writer.appendInt16(key).appendInt16(0).appendInt16(12);
  });
  return new Uint8Array(writer.appendInt32(0).appendTaggedFields().buffer);
}

/** A cluster of one broker at this port. */
export function metadataAnswer(port: number, partitionCount: number): Uint8Array {
  const ones = [1];
  const int32 = (_writer: Writer, value: number) => void writer.appendInt32(value);
  const writer = Writer.create().appendTaggedFields().appendInt32(0);
  writer.appendArray([port], () => {
    writer.appendInt32(1).appendString("127.0.0.1").appendInt32(port).appendString(null);
  });
  writer.appendString("false-cluster").appendInt32(1);
  writer.appendArray([falseTopic], (_writer, name) => {
    writer.appendInt16(0).appendString(name);
    writer.append(Buffer.alloc(16)).appendBoolean(false);
    writer.appendArray([...Array(partitionCount).keys()], (_each, index) => {
      writer.appendInt16(0).appendInt32(index).appendInt32(1).appendInt32(0);
      for (const ids of [ones, ones, []]) writer.appendArray(ids, int32, true, false);
    });
    writer.appendInt32(0);
  });
  return new Uint8Array(writer.appendTaggedFields().buffer);
}

function producerIdAnswer(): Uint8Array {
  const writer = Writer.create().appendTaggedFields().appendInt32(0).appendInt16(0);
  return new Uint8Array(writer.appendInt64(9n).appendInt16(0).appendTaggedFields().buffer);
}
