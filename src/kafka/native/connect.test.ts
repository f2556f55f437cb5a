// Connections that are made to be closed, to a listener in this process.

import { expect, test } from "bun:test";
import { realClock } from "../../platform/clock/real-clock.ts";
import { resolveAdminConf } from "../conf/resolve-admin-conf.ts";
import { createConnector } from "./connect.ts";

/** Keeps its side open until it is told to close it. */
async function listener() {
  const ended = Promise.withResolvers<Bun.Socket<undefined>>();
  const server = Bun.listen<undefined>({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    socket: { data() {}, end: (socket) => ended.resolve(socket) },
  });
  const layer = { "bootstrap.servers": `127.0.0.1:${server.port}` };
  const { conf } = await resolveAdminConf([layer], { paths: [""] });
  const connector = await createConnector(conf!, { clock: realClock });
  return { ended: ended.promise, connector, [Symbol.dispose]: () => server.stop(true) };
}

test("a connection is gone when the broker has closed its side, not before", async () => {
  using broker = await listener();
  const { gone } = await broker.connector.connect(30_000, new AbortController().signal);
  let isGone = false;
  const waiting = gone.then(() => {
    isGone = true;
  });
  const socket = await broker.ended;
  expect(isGone).toBe(false);
  socket.end();
  await waiting;
});

test("a broker that keeps its side open is waited for no longer than it takes to end", async () => {
  using broker = await listener();
  const stop = new AbortController();
  const { gone } = await broker.connector.connect(30_000, stop.signal);
  await broker.ended;
  stop.abort();
  await gone;
  const { gone: late } = await broker.connector.connect(300, new AbortController().signal);
  await late;
});
