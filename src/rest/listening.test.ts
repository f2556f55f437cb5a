// Where a daemon listens for which flags, what the refusals say, and that TLS lets in whom it
// should.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coordinatorClient } from "./coordinator-client.ts";
import { type ListenOptions, readCredentials, resolveListening } from "./listening.ts";
import { startTestCoordinator, stopServers } from "./server-fixture.ts";

let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trogdor-listening-"));
  await writeFile(file("token"), "secret\n");
  await writeFile(file("two-words"), "one two\n");
  await writeFile(file("empty"), "\n");
  await makeCertificates();
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(stopServers);

async function openssl(...args: string[]) {
  const child = Bun.spawn(["openssl", ...args], { cwd: folder, stdout: "ignore", stderr: "pipe" });
  if ((await child.exited) !== 0) throw new Error(await new Response(child.stderr).text());
}

/**
 * Two authorities. `server` and `client` are of the first, as is `elsewhere`, whose certificate
 * names another host; `stranger` is of the second.
 */
async function makeCertificates() {
  const curve = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
  const make = (line: string) => openssl(...line.split(" "));
  for (const ca of ["ca", "other-ca"]) {
    await make(`req -x509 ${curve} -keyout ${ca}.key -out ${ca}.pem -days 2 -subj /CN=${ca}`);
  }
  await writeFile(file("localhost"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  await writeFile(file("other-host"), "subjectAltName=DNS:other-host\n");
  for (const [name, ca, names] of [
    ["server", "ca", "localhost"],
    ["elsewhere", "ca", "other-host"],
    ["client", "ca", "localhost"],
    ["stranger", "other-ca", "localhost"],
  ]) {
    await make(`req ${curve} -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
    const signer = `-CA ${ca}.pem -CAkey ${ca}.key -CAcreateserial -days 2`;
    await make(`x509 -req -in ${name}.csr ${signer} -extfile ${names} -out ${name}.pem`);
  }
}

const tls = (name: string, ca?: string) => ({
  tlsCert: file(`${name}.pem`),
  tlsKey: file(`${name}.key`),
  ...(ca === undefined ? {} : { tlsCa: file(`${ca}.pem`) }),
});

describe("a daemon listens", () => {
  const rows: readonly (readonly [string, () => ListenOptions, string, string])[] = [
    ["on loopback without flags", () => ({}), "127.0.0.1", "loopback"],
    ["on loopback with TLS alone", () => tls("server"), "127.0.0.1", "loopback"],
    ["everywhere with --insecure", () => ({ insecure: true }), "::", "insecure"],
    ["everywhere with a token", () => ({ token: "t" }), "::", "token"],
    ["everywhere with a token file", () => ({ tokenFile: file("token") }), "::", "token"],
    ["everywhere with mutual TLS", () => tls("server", "ca"), "::", "mutualTls"],
    ["where --listen says", () => ({ insecure: true, listen: "10.1.2.3" }), "10.1.2.3", "insecure"],
    ["on ::1 without more", () => ({ listen: "::1" }), "::1", "loopback"],
    ["on 127.0.0.9 without more", () => ({ listen: "127.0.0.9" }), "127.0.0.9", "loopback"],
    [
      "on localhost with a token",
      () => ({ listen: "localhost", token: "t" }),
      "localhost",
      "token",
    ],
  ];

  test.each(rows)("%s", async (_name, options, hostname, trust) => {
    expect(await resolveListening(options())).toMatchObject({ hostname, trust });
  });

  test("and says on loopback how to open it", async () => {
    const { notice } = await resolveListening({});
    for (const flag of ["--token-file", "--tls-ca", "--insecure"]) expect(notice).toContain(flag);
    expect((await resolveListening({ insecure: true })).notice).toBe("");
  });
});

describe("what cannot be", () => {
  const rows: readonly (readonly [string, () => ListenOptions, readonly string[]])[] = [
    [
      "an open address",
      () => ({ listen: "0.0.0.0" }),
      ["--listen 0.0.0.0", "--token-file", "--insecure"],
    ],
    ["an open address with TLS alone", () => ({ listen: "::", ...tls("server") }), ["--listen ::"]],
    ["a certificate without key", () => ({ tlsCert: file("server.pem") }), ["--tls-key"]],
    ["an authority alone", () => ({ tlsCa: file("ca.pem") }), ["--tls-cert and --tls-key"]],
    [
      "files that are not there",
      () => ({ tokenFile: file("no"), tlsCa: file("nor") }),
      ["--token-file", "--tls-ca"],
    ],
    [
      "a token of two words",
      () => ({ tokenFile: file("two-words") }),
      ["--token-file", "one word"],
    ],
    ["an empty token", () => ({ tokenFile: file("empty") }), ["--token-file", "one word"]],
    ["an empty variable", () => ({ token: "" }), ["TROGDOR_TOKEN"]],
  ];

  test.each(rows)("%s: the message names the flag", async (_name, options, words) => {
    const error = await resolveListening(options()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "configuration" });
    for (const word of words) expect(String(error)).toContain(word);
  });

  test("a port in use: one sentence", async () => {
    const { port } = await startTestCoordinator();
    const error = await startTestCoordinator({ port }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "unavailable",
      message: `cannot listen on 127.0.0.1 port ${port}: another program uses that port`,
    });
  });

  test("an address of another machine: one sentence", async () => {
    const listening = await resolveListening({ listen: "192.0.2.1", insecure: true });
    const error = await startTestCoordinator({ listening }).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("this machine does not have that address");
  });
});

describe("TLS", () => {
  async function client(port: number, options: ListenOptions) {
    const { tls: files = {} } = await readCredentials(options);
    const clock = { sleep: async () => {} };
    return coordinatorClient({ hostname: "localhost", port, clock, tls: files });
  }

  async function uptimeWith(daemon: ListenOptions, options: ListenOptions) {
    const { port, server } = await startTestCoordinator({
      listening: await resolveListening(daemon),
    });
    expect(server.url).toBe(`https://${daemon.tlsCa ? "localhost" : "127.0.0.1"}:${port}`);
    const caller = await client(port, options);
    const result = await caller.uptime().catch((error) => error.code);
    caller.close();
    return result;
  }

  const uptime = { serverStartMs: 111, nowMs: 150 };

  test("is spoken when a certificate is given", async () => {
    expect(await uptimeWith(tls("server"), { tlsCa: file("ca.pem") })).toEqual(uptime);
  });

  test("of another authority is refused by the client", async () => {
    expect(await uptimeWith(tls("server"), { tlsCa: file("other-ca.pem") })).toBe("unavailable");
  });

  test("for another host is refused by the client", async () => {
    expect(await uptimeWith(tls("elsewhere"), { tlsCa: file("ca.pem") })).toBe("unavailable");
  });

  test("is never given up for a daemon that does not speak it", async () => {
    const { port, service } = await startTestCoordinator();
    const caller = await client(port, {});
    expect(await caller.stopTask("a").catch((error) => error.code)).toBe("unavailable");
    expect(service.calls).toEqual([]);
  });

  test("lets in certificates of the daemon's authority", async () => {
    expect(await uptimeWith(tls("server", "ca"), tls("client", "ca"))).toEqual(uptime);
  });

  test("keeps out callers without a certificate", async () => {
    expect(await uptimeWith(tls("server", "ca"), { tlsCa: file("ca.pem") })).toBe("unavailable");
  });

  test("keeps out certificates of other authorities", async () => {
    expect(await uptimeWith(tls("server", "ca"), tls("stranger", "ca"))).toBe("unavailable");
  });
});
