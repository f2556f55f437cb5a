// A small load for tests of Kafka clients: records made of texts, and the outcomes that came for
// them.

import { brokerUnderTest } from "../../../test/support/broker-under-test.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import type {
  ClientEnvironment,
  KafkaClients,
  Producer,
  RecordSource,
  SendOutcome,
} from "../client.ts";
import { resolveAdminConf } from "../conf/resolve-admin-conf.ts";
import { resolveProducerConf } from "../conf/resolve-producer-conf.ts";
import type { AdminConf, ProducerConf } from "../conf/types.ts";

export const environment: ClientEnvironment = { clock: realClock, log: silentLog };

export interface TestRecord {
  readonly key: string | null;
  readonly value: string | null;
}

export function sourceOf(records: readonly TestRecord[]): RecordSource {
  const encoder = new TextEncoder();
  const size = (text: string | null) => (text === null ? -1 : encoder.encode(text).byteLength);
  const write = (text: string | null, target: Uint8Array, offset: number) => {
    target.set(encoder.encode(text ?? ""), offset);
  };
  return {
    keySize: (position) => size(records[position]!.key),
    valueSize: (position) => size(records[position]!.value),
    writeKey: (position, target, offset) => write(records[position]!.key, target, offset),
    writeValue: (position, target, offset) => write(records[position]!.value, target, offset),
  };
}

export type JavaConf = Readonly<Record<string, string>>;

/** Below the settings of a check: how to get to a broker that was given by its address. */
export const baseConf: JavaConf = brokerUnderTest?.conf ?? {};

export async function producerConf(conf: JavaConf): Promise<ProducerConf> {
  const resolved = await resolveProducerConf([baseConf, conf], { paths: ["producerConf"] });
  if (resolved.conf === undefined) throw new Error(JSON.stringify(resolved.problems));
  return resolved.conf;
}

export async function adminConf(conf: JavaConf): Promise<AdminConf> {
  const resolved = await resolveAdminConf([baseConf, conf], { paths: ["adminClientConf"] });
  if (resolved.conf === undefined) throw new Error(JSON.stringify(resolved.problems));
  return resolved.conf;
}

/** A copy of an outcome: its arrays are only valid during the callback. */
export interface Outcome extends Omit<SendOutcome, "intendedUs" | "appendedUs" | "error"> {
  readonly intendedUs: readonly number[];
  readonly appendedUs: readonly number[];
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
}

export interface TestProducer extends AsyncDisposable {
  readonly producer: Producer;
  readonly outcomes: readonly Outcome[];
  /** Sends record `position` when there is room for it. `intendedUs` is the position. */
  send(topic: string, topicPartition: number, position: number): Promise<void>;
  /** The codes of the records' outcomes by their `intendedUs`; "ok" for acknowledged. */
  codes(): Map<number, string>;
}

/** Not started yet. */
export async function testProducer(
  clients: KafkaClients,
  conf: JavaConf,
  records: readonly TestRecord[],
): Promise<TestProducer> {
  const producer = clients.producer(await producerConf(conf), sourceOf(records), environment);
  const outcomes: Outcome[] = [];
  producer.onOutcome = (outcome) => {
    outcomes.push({
      ...outcome,
      intendedUs: [...outcome.intendedUs.slice(0, outcome.count)],
      appendedUs: [...outcome.appendedUs.slice(0, outcome.count)],
      errorCode: outcome.error?.code,
      errorMessage: outcome.error?.message,
    });
  };
  return {
    producer,
    outcomes,
    async send(topic, topicPartition, position) {
      while (!producer.send(topic, topicPartition, position, position)) await producer.room();
    },
    codes() {
      const codes = new Map<number, string>();
      for (const { intendedUs, errorCode } of outcomes) {
        for (const position of intendedUs) {
          if (codes.has(position)) throw new Error(`record ${position} has two outcomes`);
          codes.set(position, errorCode ?? "ok");
        }
      }
      return codes;
    },
    [Symbol.asyncDispose]: () => producer.close(5000),
  };
}

/** Signal that never aborts. */
export const unstopped = new AbortController().signal;

export function numbered(count: number, prefix = "v"): TestRecord[] {
  return Array.from({ length: count }, (_, index) => ({ key: null, value: `${prefix}${index}` }));
}
