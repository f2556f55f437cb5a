// A producer's configuration from its Java names, with the rules that tie settings together as
// Kafka 4.1's ProducerConfig and KafkaProducer have them.

import { type ConfLayer, type ConfOptions, type ConfReader, readConf } from "./conf-reader.ts";
import { readConnection } from "./connection-conf.ts";
import type { CompressionType, ConfResult, ProducerConf } from "./types.ts";

/** Later layers win; `options.paths` names them in messages. Reads key stores; never rejects. */
export async function resolveProducerConf(
  layers: readonly ConfLayer[],
  options: ConfOptions,
): Promise<ConfResult<ProducerConf>> {
  const reader = readConf("producer", layers, options);
  const transactionalId = reader.isSet("transactional.id")
    ? reader.text("transactional.id")
    : undefined;
  const compression = reader.text("compression.type") as CompressionType;
  const connection = await readConnection(
    reader,
    `producer-${transactionalId ?? 1}`,
    options.readFiles ?? true,
  );
  const conf: ProducerConf = {
    ...connection,
    acks: acksOf(reader),
    lingerMs: Math.min(reader.number("linger.ms"), maxInt),
    batchSizeBytes: reader.number("batch.size"),
    bufferMemoryBytes: reader.number("buffer.memory"),
    maxInFlight: reader.number("max.in.flight.requests.per.connection"),
    compression,
    compressionLevel: compressionLevel(reader, compression),
    idempotence: readIdempotence(reader, transactionalId),
    transactionalId,
    transactionTimeoutMs: reader.number("transaction.timeout.ms"),
    deliveryTimeoutMs: readDeliveryTimeout(reader),
    maxBlockMs: reader.number("max.block.ms"),
    maxRequestSizeBytes: reader.number("max.request.size"),
    retries: reader.number("retries"),
    partitionerIgnoresKeys: reader.boolean("partitioner.ignore.keys"),
  };
  return {
    conf: reader.problems.length > 0 ? undefined : conf,
    problems: reader.problems,
    warnings: reader.warnings,
  };
}

const maxInt = 2147483647;

function acksOf(reader: ConfReader): -1 | 0 | 1 {
  const text = reader.text("acks");
  return text === "0" ? 0 : text === "1" ? 1 : -1;
}

function compressionLevel(reader: ConfReader, compression: CompressionType): number | undefined {
  for (const type of ["gzip", "zstd"]) {
    const name = `compression.${type}.level`;
    if (type !== compression && reader.isSet(name)) {
      reader.warn(name, `has no effect because compression.type is ${compression}`);
    }
  }
  const name = `compression.${compression}.level`;
  if (compression === "lz4" || !reader.isSet(name)) return undefined;
  const level = reader.number(name);
  return compression === "gzip" && level === -1 ? undefined : level;
}

/**
 * The default, true, gives way to settings that contradict it; one that was asked for does not.
 *
 *     contradiction      not set   set to true   with transactional.id
 *     acks not all       off       problem       problem
 *     retries 0          off       problem       problem
 *     in flight above 5  problem   problem       problem
 */
function readIdempotence(reader: ConfReader, transactionalId: string | undefined): boolean {
  const key = "enable.idempotence";
  const inFlightKey = "max.in.flight.requests.per.connection";
  if (!reader.areGood(key, "acks", "retries", inFlightKey, "transactional.id")) return false;
  const isAsked = reader.isSet(key) && reader.boolean(key);
  const contradictions: [string, boolean, string][] = [
    [
      "acks",
      acksOf(reader) !== -1,
      "Must set acks to all in order to use the idempotent producer. Otherwise we cannot " +
        "guarantee idempotence.",
    ],
    [
      "retries",
      reader.number("retries") === 0,
      "Must set retries to non-zero when using the idempotent producer.",
    ],
  ];
  let isOn = reader.boolean(key);
  for (const [name, contradicts, message] of contradictions) {
    if (!contradicts) continue;
    if (isAsked) reader.fail(name, message);
    isOn = false;
  }
  if (transactionalId !== undefined && !isOn && !isAsked) {
    reader.fail(
      "transactional.id",
      "Cannot set a transactional.id without also enabling idempotence.",
    );
  }
  const inFlight = reader.number(inFlightKey);
  if (isOn && inFlight > 5) {
    reader.fail(
      inFlightKey,
      `To use the idempotent producer, ${inFlightKey} must be set to at most 5. Current ` +
        `value is ${inFlight}.`,
    );
  }
  return isOn;
}

/** A timeout that was not set grows to what linger.ms and request.timeout.ms need. */
function readDeliveryTimeout(reader: ConfReader): number {
  const key = "delivery.timeout.ms";
  const deliveryMs = reader.number(key);
  if (!reader.areGood(key, "linger.ms", "request.timeout.ms")) return deliveryMs;
  const lingerMs = Math.min(reader.number("linger.ms"), maxInt);
  const neededMs = Math.min(lingerMs + reader.number("request.timeout.ms"), maxInt);
  if (deliveryMs >= neededMs) return deliveryMs;
  if (!reader.isSet(key)) return neededMs;
  reader.fail(
    key,
    `${key} should be equal to or larger than linger.ms + request.timeout.ms ` +
      `(${deliveryMs} is below ${neededMs})`,
  );
  return deliveryMs;
}
