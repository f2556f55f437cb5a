// Broker addresses, and the admin configuration around them.

import { describe, expect, test } from "bun:test";
import { parseAddress } from "./bootstrap-servers.ts";
import { resolveAdminConf } from "./resolve-admin-conf.ts";

describe("parseAddress", () => {
  test.each([
    ["localhost:9092", "localhost", 9092],
    ["10.0.0.1:65535", "10.0.0.1", 65535],
    ["[::1]:9092", "::1", 9092],
    ["::1:9092", "::1", 9092],
    ["[fe80::1%eth0]:9", "fe80::1%eth0", 9],
    ["[h]:1", "h", 1],
    ["SASL_PLAINTEXT://h:1", "SASL_PLAINTEXT", 0],
    ["PLAINTEXT://h:1", "h", 1],
    ["my_host-1.example.:9092", "my_host-1.example.", 9092],
  ])("%s", (url, host, port) => {
    const expected = port === 0 ? expect.any(String) : { host, port };
    expect(parseAddress(url)).toEqual(expected);
  });

  test.each([
    "h",
    "h:",
    ":9",
    "h:x",
    "h:+9",
    "h: 9",
    "a b:9",
    "user@h:1",
    "h:1/",
    "[::1]",
    "h:9:9",
  ])("refuses %s", (url) => {
    expect(parseAddress(url)).toBe(
      `Invalid url in bootstrap.servers: ${url} (expected host:port, for example ` +
        "broker1:9092 or [::1]:9092)",
    );
  });

  test.each(["h:0", "h:65536", "h:99999999999999999999"])("refuses the port of %s", (url) => {
    expect(parseAddress(url)).toBe(
      `Invalid port in bootstrap.servers: ${url} (a port is between 1 and 65535)`,
    );
  });
});

describe("resolveAdminConf", () => {
  const resolve = (settings: Record<string, string>) =>
    resolveAdminConf([settings], { paths: [""] });

  test("skips empty entries and blanks in the list", async () => {
    const { conf } = await resolve({ "bootstrap.servers": " a:1 ,, b:2 ," });
    expect(conf?.bootstrapServers).toEqual([
      { host: "a", port: 1 },
      { host: "b", port: 2 },
    ]);
  });

  test("has the admin client's defaults", async () => {
    const { conf } = await resolve({ "bootstrap.servers": "a:1" });
    expect(conf).toMatchObject({
      clientId: "adminclient-1",
      requestTimeoutMs: 30000,
      defaultApiTimeoutMs: 60000,
    });
  });

  test("holds default.api.timeout.ms to request.timeout.ms only when it was set", async () => {
    const servers = { "bootstrap.servers": "a:1", "request.timeout.ms": "70000" };
    expect((await resolve(servers)).conf?.defaultApiTimeoutMs).toBe(70000);
    const { problems } = await resolve({ ...servers, "default.api.timeout.ms": "1000" });
    expect(problems).toEqual([
      {
        path: "default.api.timeout.ms",
        message:
          "The specified value of default.api.timeout.ms (1000) must be no smaller than " +
          "the value of request.timeout.ms (70000).",
      },
    ]);
  });

  test("refuses bootstrap.controllers", async () => {
    const { problems } = await resolve({
      "bootstrap.servers": "a:1",
      "bootstrap.controllers": "a:2",
    });
    expect(problems.map(({ path }) => path)).toEqual(["bootstrap.controllers"]);
  });
});
