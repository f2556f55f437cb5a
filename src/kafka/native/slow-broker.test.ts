// Large requests over real sockets to a broker that reads slowly and breaks connections in the
// middle of requests: each request is still the right bytes after the socket took it in pieces,
// while its memory is kept, sent again or used for other requests; over TLS too, and with two
// producers in one process.

import { beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordSource } from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import { environment, producerConf, unstopped } from "../conformance/test-load.suite.ts";
import {
  apiKeys,
  type FalseBroker,
  type FalseSocket,
  falseTopic,
  startFalseBroker,
} from "./false-broker.suite.ts";
import { readProduceFrame } from "./produce-frames.suite.ts";
import { createProducer } from "./producer.ts";

const partitionCount = 5;
const recordCount = 60;
const valueBytes = 300_000;
/** Connections that break, and after how many bytes at the most. */
const broken = 6;
const brokenAfterBytesMax = 8_000_000;

let certificate: { cert: string; key: string };
beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), "trogdor-slow-broker-"));
  const [cert, key] = [join(dir, "cert.pem"), join(dir, "key.pem")];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=slow", "-addext", "subjectAltName=IP:127.0.0.1"];
  await Bun.$`openssl ${request} ${subject} -keyout ${key} -out ${cert}`.quiet();
  certificate = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  rmSync(dir, { recursive: true });
}, 30_000);

/** Keys are the name and the position, the value is the producer's own. */
function sourceOf(name: string, value: Uint8Array): RecordSource {
  const write = (position: number) => Buffer.from(name + String(position).padStart(4, "0"));
  return {
    fixedSizes: { key: 5, value: value.byteLength },
    constantValue: value,
    keySize: () => 5,
    valueSize: () => value.byteLength,
    writeKey: (position, target, offset) => target.set(write(position), offset),
    writeValue: (_position, target, offset) => target.set(value, offset),
  };
}

const values = new Map(
  ["A", "B"].map((name, index) => [
    name,
    Uint8Array.from({ length: valueBytes + index }, (_, at) => (at * (31 + index)) ^ (at >> 8)),
  ]),
);

/** A broker that reads a piece in each millisecond, and what it found. */
function startSlowBroker(tls: Bun.TLSOptions | undefined) {
  const found = { keys: new Set<string>(), wrong: [] as string[], pieces: 0, broken: 0 };
  const left = new Map<FalseSocket, number>();
  const broker = startFalseBroker({
    partitionCount,
    ...(tls === undefined ? {} : { tls }),
    onOpen(socket) {
      left.set(socket, (brokenAfterBytesMax / broken) * (1 + (left.size % broken)));
    },
    onChunk(socket, chunk) {
      found.pieces += 1;
      const rest = left.get(socket)! - chunk.byteLength;
      left.set(socket, rest);
      if (rest < 0 && found.broken < broken) {
        found.broken += 1;
        socket.terminate();
        return;
      }
      socket.pause();
      setTimeout(() => socket.resume(), 1);
    },
    onNonsense: (error) => found.wrong.push(String(error)),
    script({ apiKey, frame }) {
      if (apiKey !== apiKeys.produce) return false;
      for (const { key, value } of readProduceFrame(frame).flatMap(({ batch }) => batch.records)) {
        const text = key?.toString() ?? "null";
        if (!value || Buffer.compare(value, values.get(text[0]!)!) !== 0) found.wrong.push(text);
        found.keys.add(text);
      }
      return false;
    },
  });
  return { broker, found };
}

async function load(name: string, broker: FalseBroker, isTls: boolean): Promise<string[]> {
  const base = await producerConf({
    "bootstrap.servers": `127.0.0.1:${broker.port}`,
    "max.request.size": "3000000",
    "batch.size": "700000",
    "linger.ms": "1",
    "reconnect.backoff.ms": "1",
    "retry.backoff.ms": "1",
  });
  const tls = { caPem: certificate.cert, certPem: undefined, keyPem: undefined };
  const conf: ProducerConf = isTls ? { ...base, tls: { ...tls, verifyHostname: false } } : base;
  const producer = createProducer(conf, sourceOf(name, values.get(name)!), environment);
  const codes: string[] = [];
  producer.onOutcome = ({ count, error }) => {
    for (let index = 0; index < count; index++) codes.push(error?.code ?? "ok");
  };
  await producer.start([falseTopic], unstopped);
  for (let position = 0; position < recordCount; position++) {
    const topicPartition = position % partitionCount;
    while (!producer.send(falseTopic, topicPartition, position, position)) await producer.room();
  }
  producer.flush();
  await producer.settled();
  await producer.close(0);
  return codes;
}

describe("a broker that reads slowly and breaks connections", () => {
  test.each([
    ["TCP", false],
    ["TLS", true],
  ])(
    "gets every record with its own bytes over %s",
    async (_, isTls) => {
      const { broker, found } = startSlowBroker(isTls ? certificate : undefined);
      await using _broker = broker;
      const codes = await Promise.all([...values.keys()].map((name) => load(name, broker, isTls)));
      expect(found.wrong).toEqual([]);
      expect(codes).toEqual([...values].map(() => Array(recordCount).fill("ok")));
      expect(found.keys.size).toBe(values.size * recordCount);
      expect(found.broken).toBe(broken);
      expect(found.pieces).toBeGreaterThan(100);
    },
    60_000,
  );
});
