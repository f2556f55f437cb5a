// Ports and options of local clusters: what is chosen, and what is refused before anything starts.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { resolveOptions } from "./options.ts";
import { choosePorts } from "./ports.ts";

describe("the ports of a cluster", () => {
  test("are different and outside the ephemeral range when free ones are asked for", async () => {
    const options = resolveOptions({ brokers: 3, port: "auto", tls: true, sasl: true });
    const ports = (await choosePorts(options)).flatMap((of) => Object.values(of));
    expect(new Set(ports).size).toBe(3 * 5);
    const range = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
      .trim()
      .split(/\s+/);
    const [first = 0, last = 0] = range.map(Number);
    expect(ports.filter((port) => port >= first && port <= last)).toEqual([]);
  });

  test("are refused by number when another program has them", async () => {
    const [free] = await choosePorts(resolveOptions({ port: "auto" }));
    const port = free?.PLAINTEXT ?? 0;
    const taken = createServer();
    const { promise, resolve } = Promise.withResolvers<void>();
    taken.listen(port, "127.0.0.1", resolve);
    await promise;
    await expect(choosePorts(resolveOptions({ port }))).rejects.toThrow(`port ${port} is taken`);
    taken.close();
  });
});

describe("options of a cluster", () => {
  test("are all checked at once", () => {
    const request = { name: "../x", brokers: 0, port: 80, heap: "many" };
    expect(() => resolveOptions(request)).toThrow(
      /name "\.\.\/x".*\n.*brokers 0.*\n.*port 80.*\n.*heap/,
    );
  });

  test("bring the SASL listener when rights are asked for, since users need one", () => {
    expect(resolveOptions({ acl: true }).sasl).toBe(true);
  });
});
