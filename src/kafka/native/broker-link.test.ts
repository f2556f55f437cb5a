// The way to one broker: what it does with connections that fail or are lost.

import { describe, expect, test } from "bun:test";
import type { KafkaError } from "../client.ts";
import { environment, producerConf } from "../conformance/test-load.suite.ts";
import type { BrokerConnection } from "./broker-connection.ts";
import { createBrokerLink } from "./broker-link.ts";
import { networkError } from "./protocol-error.ts";
import type { Session } from "./session.ts";

const lost = networkError("localhost:1", "lost");

/** As much of a connection as the link looks at. */
function connectionOf(closedBy?: KafkaError): BrokerConnection {
  return { closedBy, onClose: () => {}, close: () => {} } as unknown as BrokerConnection;
}

async function linkTo(connections: readonly BrokerConnection[]) {
  const conf = await producerConf({
    "bootstrap.servers": "localhost:1",
    "reconnect.backoff.ms": "1",
    "reconnect.backoff.max.ms": "1",
  });
  const failures: string[] = [];
  let changed = Promise.withResolvers<void>();
  let opened = 0;
  const link = createBrokerLink(1, conf, environment, {
    address: () => ({ host: "localhost", port: 1 }),
    open: async () => ({
      connection: connections[opened++]!,
      produceVersion: 11,
      supports: () => true,
    }),
    onChange: () => changed.resolve(),
    onFailure: (error) => failures.push(error.message),
  });
  /** Asks until there is a session. */
  async function session(): Promise<Session> {
    for (;;) {
      const found = link.session();
      if (found !== undefined) return found;
      await changed.promise;
      changed = Promise.withResolvers();
    }
  }
  return { link, failures, session };
}

describe("the link to a broker", () => {
  test("does not keep a connection that was lost before it came", async () => {
    const usable = connectionOf();
    const { link, failures, session } = await linkTo([connectionOf(lost), usable]);
    expect((await session()).connection).toBe(usable);
    expect(failures).toEqual([lost.message]);
    link.close();
  });

  test("connects again when the connection is lost", async () => {
    const [first, second] = [connectionOf(), connectionOf()];
    const { link, failures, session } = await linkTo([first, second]);
    expect((await session()).connection).toBe(first);
    first.onClose(lost);
    expect((await session()).connection).toBe(second);
    expect(failures).toEqual([lost.message]);
    link.close();
  });

  test("opens nothing more once it is closed", async () => {
    const { link } = await linkTo([connectionOf()]);
    link.close();
    expect(link.session()).toBeUndefined();
  });
});
