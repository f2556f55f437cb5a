// The part of a configuration that every client has: where the brokers are, how to connect to them
// and how long to wait.

import { readBootstrapServers } from "./bootstrap-servers.ts";
import type { ConfReader } from "./conf-reader.ts";
import { readSasl } from "./sasl-conf.ts";
import { readTls } from "./tls-conf.ts";
import type { ConnectionConf } from "./types.ts";

/** `defaultClientId` is what Java calls the first client of its kind. */
export async function readConnection(
  reader: ConfReader,
  defaultClientId: string,
  readFiles: boolean,
): Promise<ConnectionConf> {
  const protocol = reader.text("security.protocol").toUpperCase();
  const isProtocolGood = reader.areGood("security.protocol");
  const connection: ConnectionConf = {
    bootstrapServers: readBootstrapServers(reader),
    clientId: reader.text("client.id") || defaultClientId,
    tls: isProtocolGood ? await readTls(reader, protocol, readFiles) : undefined,
    sasl: isProtocolGood ? readSasl(reader, protocol) : undefined,
    requestTimeoutMs: reader.number("request.timeout.ms"),
    defaultApiTimeoutMs: reader.number(
      reader.client === "producer" ? "max.block.ms" : "default.api.timeout.ms",
    ),
    ...backoff(reader, "reconnect"),
    ...retries(reader),
    ...setupTimeout(reader),
    metadataMaxAgeMs: reader.number("metadata.max.age.ms"),
  };
  return connection;
}

function backoff(reader: ConfReader, name: "reconnect") {
  const firstMs = reader.number(`${name}.backoff.ms`);
  const isMaxOwn = reader.isSet(`${name}.backoff.max.ms`) || !reader.isSet(`${name}.backoff.ms`);
  const maxMs = isMaxOwn ? reader.number(`${name}.backoff.max.ms`) : firstMs;
  return { reconnectBackoffMs: firstMs, reconnectBackoffMaxMs: maxMs };
}

function retries(reader: ConfReader) {
  const firstMs = reader.number("retry.backoff.ms");
  const maxMs = reader.number("retry.backoff.max.ms");
  if (firstMs > maxMs) {
    reader.warn(
      reader.isSet("retry.backoff.ms") ? "retry.backoff.ms" : "retry.backoff.max.ms",
      `retry.backoff.ms (${firstMs}) is above retry.backoff.max.ms (${maxMs}), so every ` +
        `retry waits ${maxMs} ms`,
    );
  }
  return { retryBackoffMs: Math.min(firstMs, maxMs), retryBackoffMaxMs: maxMs };
}

function setupTimeout(reader: ConfReader) {
  const name = "socket.connection.setup.timeout.ms";
  const timeoutMs = reader.number(name);
  if (timeoutMs < 1) {
    const expected = "Value must be at least 1";
    reader.fail(name, `Invalid value ${timeoutMs} for configuration ${name}: ${expected}`);
  }
  return {
    connectionSetupTimeoutMs: timeoutMs,
    connectionSetupTimeoutMaxMs: reader.number("socket.connection.setup.timeout.max.ms"),
  };
}
