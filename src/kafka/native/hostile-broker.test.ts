// What brokers that misbehave can do to the native client: nothing but cost time, and that within
// the configured bounds. Every record gets an outcome, every call an end, every connection is
// closed.

import { describe, expect, test } from "bun:test";
import { Writer } from "@kafka-wire/protocol/writer.js";
import {
  adminConf,
  environment,
  type JavaConf,
  numbered,
  testProducer,
  unstopped,
} from "../conformance/test-load.suite.ts";
import { nativeClients } from "./clients.ts";
import {
  apiKeys,
  type FalseBroker,
  type FalseBrokerOptions,
  type FalseRequest,
  falseTopic,
  framed,
  metadataAnswer,
  startFalseBroker,
} from "./false-broker.suite.ts";
import { writeProduceAnswer } from "./produce-frames.suite.ts";

const requestTimeoutMs = 150;
const deliveryTimeoutMs = 400;
const maxBlockMs = 300;
/** For a busy machine. */
const slackMs = 20_000;

function confFor(broker: FalseBroker, more: JavaConf = {}): JavaConf {
  return {
    "bootstrap.servers": `127.0.0.1:${broker.port}`,
    "request.timeout.ms": String(requestTimeoutMs),
    "delivery.timeout.ms": String(deliveryTimeoutMs),
    "max.block.ms": String(maxBlockMs),
    "socket.connection.setup.timeout.ms": "200",
    "linger.ms": "0",
    ...more,
  };
}

interface Sent {
  readonly codes: readonly string[];
  readonly messages: readonly (string | undefined)[];
  readonly tookMs: number;
}

/** One record to each topicPartition, and what became of them. */
async function produce(options: FalseBrokerOptions, more: JavaConf = {}): Promise<Sent> {
  await using broker = startFalseBroker(options);
  const count = options.partitionCount ?? 1;
  const load = await testProducer(nativeClients, confFor(broker, more), numbered(count));
  await load.producer.start([falseTopic], unstopped);
  const beginMs = performance.now();
  for (let position = 0; position < count; position++) {
    await load.send(falseTopic, position, position);
  }
  load.producer.flush();
  await load.producer.settled();
  const tookMs = performance.now() - beginMs;
  expect(load.producer.buffered).toEqual({ records: 0, bytes: 0 });
  await load.producer.close(0);
  await broker.deserted();
  const codes = [...load.codes()].sort(([a], [b]) => a - b).map(([, code]) => code);
  return { codes, messages: load.outcomes.map(({ errorMessage }) => errorMessage), tookMs };
}

type Misbehaviour = (request: FalseRequest) => void;

const misbehaviours: Readonly<Record<string, Misbehaviour>> = {
  "answers garbage": ({ answer }) => answer(new Uint8Array(100).fill(0xfe)),
  "answers half of it": ({ answer, body }) => answer(body.subarray(0, body.byteLength / 2)),
  "answers nothing but a correlation id": ({ answer }) => answer(new Uint8Array(0)),
  "sends half a frame and then nothing": ({ socket, body }) => {
    socket.write(framed(body).subarray(0, 10));
  },
  "closes in the middle of a frame": ({ socket, body }) => {
    socket.write(framed(body).subarray(0, 10));
    socket.end();
  },
  "answers another request": ({ answer, body, correlationId }) => answer(body, correlationId + 1),
  "announces a frame of 2 GB": ({ socket }) => {
    socket.write(Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 0, 0));
  },
  "announces an empty frame": ({ socket }) => {
    socket.write(new Uint8Array(4));
  },
  "answers twice": ({ answer, body }) => {
    answer(body);
    answer(body);
  },
  "leaves a partition out": ({ answer }) => answer(writeProduceAnswer([])),
  "answers for partitions that nobody asked for": ({ answer }) => {
    answer(writeProduceAnswer([{ topic: "u", topicPartition: 7, errorCode: 0 }]));
  },
  "does not answer": () => {},
  "closes the connection": ({ socket }) => {
    socket.end();
  },
  "resets the connection": ({ socket }) => {
    socket.terminate();
  },
};

const isProduce = ({ apiKey }: FalseRequest) => apiKey === apiKeys.produce;

describe("a broker that, asked to Produce,", () => {
  test.each(Object.entries(misbehaviours))("%s once: the record is sent again", async (_, act) => {
    const script = (request: FalseRequest) => {
      if (!isProduce(request) || request.index > 0) return false;
      act(request);
      return true;
    };
    const patience = { "delivery.timeout.ms": "20000" };
    const { codes } = await produce({ script, partitionCount: 2 }, patience);
    expect(codes).toEqual(["ok", "ok"]);
  });

  const lasting = Object.entries(misbehaviours).filter(([name]) => name !== "answers twice");
  test.each(lasting)("%s always: the record expires, naming the broker", async (_, act) => {
    const script = (request: FalseRequest) => {
      if (isProduce(request)) act(request);
      return isProduce(request);
    };
    const { codes, messages, tookMs } = await produce({ script });
    expect(codes).toEqual(["TIMED_OUT"]);
    expect(messages[0]).toMatch(/delivery\.timeout\.ms \(400\).*(broker 1|127\.0\.0\.1:\d+)/);
    expect(tookMs).toBeLessThan(deliveryTimeoutMs + slackMs);
  });

  test("refuses a batch for good: the record fails at once with the broker's reason", async () => {
    const script = (request: FalseRequest) => {
      if (!isProduce(request)) return false;
      const part = { topic: falseTopic, topicPartition: 0, errorCode: 10 };
      request.answer(writeProduceAnswer([part]));
      return true;
    };
    expect((await produce({ script })).codes).toEqual(["MESSAGE_TOO_LARGE"]);
  });

  test("asks for silence: nothing is sent to it meanwhile", async () => {
    const throttleMs = 150;
    const arrivals: number[] = [];
    const script = (request: FalseRequest) => {
      if (!isProduce(request)) return false;
      arrivals.push(performance.now());
      const code = request.index === 0 ? 19 : 0;
      const part = { topic: falseTopic, topicPartition: 0, errorCode: code };
      request.answer(writeProduceAnswer([part], request.index === 0 ? throttleMs : 0));
      return true;
    };
    const { codes } = await produce({ script }, { "retry.backoff.ms": "1" });
    expect(codes).toEqual(["ok"]);
    expect(arrivals[1]! - arrivals[0]!).toBeGreaterThan(throttleMs - 1);
  });

  test.each(["0", "2"])(
    "fails with a passing error: it is tried %s times more",
    async (retries) => {
      let count = 0;
      const script = (request: FalseRequest) => {
        if (!isProduce(request)) return false;
        count += 1;
        request.answer(
          writeProduceAnswer([{ topic: falseTopic, topicPartition: 0, errorCode: 19 }]),
        );
        return true;
      };
      const idempotence = retries === "0" ? { "enable.idempotence": "false" } : {};
      const more = { retries, "retry.backoff.ms": "1", ...idempotence };
      const { codes } = await produce({ script }, more);
      expect([codes, count]).toEqual([["NOT_ENOUGH_REPLICAS"], Number(retries) + 1]);
    },
  );
});

/** How the producer's and the admin's first calls end, and when. */
async function failToStart(options: FalseBrokerOptions, more: JavaConf = {}): Promise<string[]> {
  await using broker = startFalseBroker(options);
  const conf = confFor(broker, more);
  const load = await testProducer(nativeClients, conf, []);
  const beginMs = performance.now();
  const errors = [await load.producer.start([falseTopic], unstopped).catch((error) => error)];
  await load.producer.close(0);
  const names = ["request.timeout.ms", "bootstrap.servers", "security.protocol"] as const;
  const shared = names.flatMap((name) => (conf[name] === undefined ? [] : [[name, conf[name]]]));
  const admin = nativeClients.admin(await adminConf(Object.fromEntries(shared)), environment);
  errors.push(await admin.describeTopics([falseTopic], unstopped).catch((error) => error));
  await admin.close();
  expect(performance.now() - beginMs).toBeLessThan(maxBlockMs + requestTimeoutMs + slackMs);
  await broker.deserted();
  return errors.map((error) => String((error as Error).message));
}

const always = (act: Misbehaviour, apiKey: number) => (request: FalseRequest) => {
  if (request.apiKey === apiKey) act(request);
  return request.apiKey === apiKey;
};

describe("a broker that keeps silent", () => {
  test("leaves time to ask the others", async () => {
    await using silent = startFalseBroker({ script: () => true });
    await using proper = startFalseBroker();
    const servers = [silent, proper].map(({ port }) => `127.0.0.1:${port}`).join(",");
    const conf = await adminConf({ "bootstrap.servers": servers, "request.timeout.ms": "1000" });
    const admin = nativeClients.admin(conf, environment);
    for (let round = 0; round < 2; round++) {
      const described = await admin.describeTopics([falseTopic], unstopped);
      expect(described.get(falseTopic)).toEqual({ name: falseTopic, partitions: [0] });
    }
    await admin.close();
    await Promise.all([silent.deserted(), proper.deserted()]);
  });
});

describe("a broker that has another address after a restart", () => {
  test("is found there", async () => {
    await using next = startFalseBroker();
    let hasMoved = false;
    await using first = startFalseBroker({
      script(request) {
        if (isProduce(request)) {
          hasMoved = true;
          request.socket.end();
          return true;
        }
        if (!hasMoved || request.apiKey !== apiKeys.metadata) return false;
        request.answer(metadataAnswer(next.port, 1));
        return true;
      },
    });
    const conf = confFor(first, { "delivery.timeout.ms": "20000" });
    await using load = await testProducer(nativeClients, conf, numbered(1));
    await load.producer.start([falseTopic], unstopped);
    await load.send(falseTopic, 0, 0);
    load.producer.flush();
    await load.producer.settled();
    expect(load.codes()).toEqual(new Map([[0, "ok"]]));
  });
});

describe("a start", () => {
  test("ends in time when the connection is accepted and nothing is answered", async () => {
    for (const message of await failToStart({ script: () => true })) {
      expect(message).toMatch(/127\.0\.0\.1:\d+.*(no answer within request\.timeout\.ms|in time)/);
    }
  });

  test("ends in time when the TLS handshake is not answered", async () => {
    const messages = await failToStart({}, { "security.protocol": "SSL" });
    expect(messages[0]).toMatch(/127\.0\.0\.1:\d+: (no connection within 200 ms)/);
  });

  test.each([
    [
      "what comes is not Kafka",
      (socket: Bun.Socket<unknown>) => void socket.write("HTTP/1.1 400 \r\n"),
    ],
    [
      "something comes unasked",
      (socket: Bun.Socket<unknown>) => void socket.write(framed(new Uint8Array(9))),
    ],
  ])("ends at once when %s", async (_, onOpen) => {
    for (const message of await failToStart({ onOpen })) {
      expect(message).toMatch(
        /127\.0\.0\.1:\d+: (the answer does not look like Kafka|an answer to)/,
      );
    }
  });

  const stubborn = Object.entries(misbehaviours).filter(([name]) => !/partition|twice/.test(name));
  for (const api of ["apiVersions", "metadata"] as const) {
    test.each(stubborn)(`ends in time when a broker, asked for ${api}, %s`, async (_, act) => {
      for (const message of await failToStart({ script: always(act, apiKeys[api]) })) {
        expect(message).toMatch(/^127\.0\.0\.1:\d+/);
        expect(message).not.toMatch(/undefined|\[object|\n/);
      }
    });
  }

  test.each([
    ["asks for versions", { "security.protocol": "PLAINTEXT" }],
    ["shakes hands", { "security.protocol": "SSL" }],
  ])("ends at once when the producer is closed while it %s", async (_, more) => {
    const opened = Promise.withResolvers<void>();
    await using broker = startFalseBroker({ script: () => true, onOpen: () => opened.resolve() });
    const patience = {
      "request.timeout.ms": "60000",
      "max.block.ms": "60000",
      "delivery.timeout.ms": "90000",
      "socket.connection.setup.timeout.ms": "60000",
    };
    const conf = confFor(broker, { ...patience, ...more });
    const load = await testProducer(nativeClients, conf, []);
    const starting = load.producer.start([falseTopic], unstopped).catch((error: unknown) => error);
    await opened.promise;
    await load.producer.close(0);
    expect(await starting).toMatchObject({ code: "CLIENT_CLOSED" });
    await broker.deserted();
  });

  test("ends at once when the producer is closed between two tries", async () => {
    const conf = {
      "bootstrap.servers": "127.0.0.1:1",
      "retry.backoff.ms": "60000",
      "retry.backoff.max.ms": "60000",
      "max.block.ms": "600000",
    };
    const load = await testProducer(nativeClients, conf, []);
    const starting = load.producer.start([falseTopic], unstopped).catch((error: unknown) => error);
    // The first try is over by then.
    await Bun.connect({ hostname: "127.0.0.1", port: 1, socket: { data() {} } }).catch(() => {});
    await load.producer.close(0);
    expect(await starting).toMatchObject({ code: "CLIENT_CLOSED" });
  });

  test("names a broker that is too old", async () => {
    const writer = Writer.create().appendInt16(0);
    writer.appendArray([0], () => void writer.appendInt16(0).appendInt16(0).appendInt16(8));
    const old = new Uint8Array(writer.appendInt32(0).appendTaggedFields().buffer);
    const script = always(({ answer }) => answer(old), apiKeys.apiVersions);
    expect((await failToStart({ script }))[0]).toContain("Kafka 2.8 or later");
  });
});
