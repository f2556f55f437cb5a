// Real stores, made by the keytool and the openssl of this machine.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { resolveAdminConf } from "../resolve-admin-conf.ts";
import { readStore } from "./read-store.ts";
import { StoreError } from "./store-error.ts";

let dir: string;
const at = (name: string) => join(dir, name);
const password = "store-secret-12";
const keyPassword = "key-secret-12";

async function run(...command: string[]): Promise<void> {
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe", cwd: dir });
  const [code, output, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")} failed: ${output}${errors}`);
}

function keytool(...rest: string[]): Promise<void> {
  return run("keytool", "-J-XX:TieredStopAtLevel=1", ...rest, "-storepass", password, "-noprompt");
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "trogdor-stores-"));
  writeFileSync(at("empty"), "");
  const pair = ["-genkeypair", "-alias", "me", "-dname", "CN=me", "-validity", "3650"];
  const rsa = [...pair, "-keyalg", "RSA", "-keysize", "2048"];
  const ec = [...pair, "-keyalg", "EC", "-groupname", "secp256r1"];
  const jks = ["-storetype", "JKS"];
  const openssl = (...rest: string[]) => run("openssl", ...rest);
  await Promise.all([
    keytool(...rsa, "-keystore", "rsa.p12"),
    keytool(...ec, "-keystore", "ec.p12"),
    keytool(...rsa, ...jks, "-keypass", keyPassword, "-keystore", "rsa.jks"),
    keytool(...ec, ...jks, "-keypass", password, "-keystore", "ec.jks"),
  ]);
  await keytool("-exportcert", "-rfc", "-alias", "me", "-keystore", "rsa.p12", "-file", "me.pem");
  const trust = ["-importcert", "-file", "me.pem", "-alias", "one"];
  const passin = ["-passin", `pass:${password}`];
  await Promise.all([
    keytool(...trust, "-keystore", "trust.p12"),
    keytool(...trust, ...jks, "-keystore", "trust.jks"),
    openssl("pkcs12", "-in", "rsa.p12", ...passin, "-nodes", "-out", "rsa.pem"),
  ]);
  const pkcs12 = ["pkcs12", "-export", "-in", "rsa.pem", "-passout", `pass:${password}`];
  const pkcs8 = ["pkcs8", "-topk8", "-in", "rsa.pem", "-passout", `pass:${keyPassword}`];
  await Promise.all([
    openssl(...pkcs12, "-out", "openssl.p12"),
    openssl(...pkcs12, "-legacy", "-out", "legacy.p12"),
    openssl(...pkcs12.slice(0, -1), "pass:sécret", "-out", "accent.p12"),
    openssl(...pkcs8, "-out", "encrypted.pem"),
    openssl("rsa", "-in", "rsa.pem", "-traditional", "-out", "traditional.pem"),
  ]);
  const both = readFileSync(at("encrypted.pem"), "utf8") + readFileSync(at("me.pem"), "utf8");
  writeFileSync(at("encrypted-store.pem"), both);
}, 90_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Settings of one store without their prefix; locations are names in the test's folder. */
type StoreSettings = Readonly<Record<string, string>>;

async function resolve(prefix: string, settings: StoreSettings) {
  const prefixed = Object.entries(settings).map(([name, value]) => [
    name.startsWith("ssl.") ? name : `${prefix}.${name}`,
    name === "location" ? at(value) : value,
  ]);
  const layer = {
    "bootstrap.servers": "b:1",
    "security.protocol": "SSL",
    ...Object.fromEntries(prefixed),
  };
  const { conf, problems } = await resolveAdminConf([layer], { paths: ["conf"] });
  const texts = problems.map(({ path, message }) => `${path}: ${message}`);
  return { tls: conf?.tls, problems: texts.map((text) => text.replaceAll(dir, "DIR")) };
}

const resolveKey = (settings: StoreSettings) => resolve("ssl.keystore", settings);
const resolveTrust = (settings: StoreSettings) => resolve("ssl.truststore", settings);

describe("key stores", () => {
  const readable: StoreSettings[] = [
    { location: "rsa.p12", type: "PKCS12", password },
    { location: "ec.p12", type: "PKCS12", password },
    { location: "openssl.p12", type: "PKCS12", password },
    { location: "legacy.p12", type: "PKCS12", password },
    { location: "accent.p12", type: "PKCS12", password: "sécret" },
    { location: "rsa.jks", password, "ssl.key.password": keyPassword },
    { location: "ec.jks", password },
    // As in Java the name of the type does not have to fit.
    { location: "rsa.p12", type: "JKS", password },
    { location: "ec.jks", type: "pkcs12", password },
    { location: "rsa.pem", type: "PEM" },
    { location: "encrypted-store.pem", type: "PEM", "ssl.key.password": keyPassword },
  ];
  test.each(readable)("reads %j", async (settings) => {
    const { tls, problems } = await resolveKey(settings);
    expect(problems).toEqual([]);
    expectOwnKey(tls);
  });

  test.each(["\n", " "])("reads PEM texts with %j between their lines", async (separator) => {
    const inOne = (file: string) => readFileSync(at(file), "utf8").replaceAll("\n", separator);
    const { tls, problems } = await resolveKey({
      type: "PEM",
      key: inOne("encrypted.pem"),
      "certificate.chain": inOne("me.pem"),
      "ssl.key.password": keyPassword,
    });
    expect(problems).toEqual([]);
    expectOwnKey(tls);
  });

  const refused: [StoreSettings, string][] = [
    [
      { location: "rsa.p12", password: "wrong" },
      "password: DIR/rsa.p12 cannot be used as key store: the password is wrong, or the " +
        "store is damaged",
    ],
    [
      { location: "rsa.jks", password: "wrong" },
      "password: DIR/rsa.jks cannot be used as key store: the password is wrong, or the " +
        "store is damaged",
    ],
    [
      { location: "rsa.jks", password },
      'password: DIR/rsa.jks cannot be used as key store: the password of the key "me" is wrong',
    ],
    [
      { location: "rsa.jks" },
      "location: SSL key store is specified, but key store password is not specified.",
    ],
    [
      { location: "missing.p12", password },
      "location: DIR/missing.p12 cannot be used as key store: there is no such file",
    ],
    [{ location: ".", password }, "location: DIR cannot be used as key store: it is a directory"],
    [
      { location: "empty", password },
      "location: DIR/empty cannot be used as key store: it is empty, not a store of type JKS",
    ],
    [
      { location: "me.pem", password },
      "location: DIR/me.pem cannot be used as key store: it is a PEM file, not a store of type JKS",
    ],
    [
      { location: "trust.jks", password },
      "location: DIR/trust.jks cannot be used as key store: it holds no key with a certificate",
    ],
    [
      { location: "rsa.p12", type: "PEM" },
      "location: DIR/rsa.p12 cannot be used as key store: No matching PRIVATE KEY entries " +
        "in PEM file",
    ],
    [
      { location: "encrypted-store.pem", type: "PEM" },
      "location: DIR/encrypted-store.pem cannot be used as key store: the private key is " +
        "encrypted, so it needs a password",
    ],
    [
      { location: "traditional.pem", type: "PEM" },
      "location: DIR/traditional.pem cannot be used as key store: No matching PRIVATE KEY " +
        "entries in PEM file: it has a RSA PRIVATE KEY, which openssl pkcs8 -topk8 turns " +
        "into PKCS8",
    ],
    [
      { location: "rsa.pem", type: "PEM", password },
      "password: SSL key store password cannot be specified with PEM format, only key " +
        "password may be specified.",
    ],
    [
      { location: "rsa.pem", type: "BKS", password },
      "type: Invalid value BKS for configuration ssl.keystore.type: it must be JKS, PKCS12 or PEM",
    ],
    [
      { key: "x", type: "PEM" },
      "key: SSL private key is specified, but certificate chain is not specified.",
    ],
    [
      { password },
      "password: SSL key store is not specified, but key store password is specified.",
    ],
  ];
  test.each(refused)("explains %j", async (settings, expected) => {
    expect((await resolveKey(settings)).problems).toEqual([`conf.ssl.keystore.${expected}`]);
  });

  test("names the key's password when that is wrong", async () => {
    const settings = { location: "rsa.jks", password, "ssl.key.password": "wrong" };
    expect((await resolveKey(settings)).problems).toEqual([
      "conf.ssl.key.password: DIR/rsa.jks cannot be used as key store: the password of " +
        'the key "me" is wrong',
    ]);
  });

  test("refuses a key that is not that of its certificate", async () => {
    const other = await resolveKey({ location: "ec.p12", password });
    const { problems } = await resolveKey({
      type: "PEM",
      key: readFileSync(at("encrypted.pem"), "utf8"),
      "certificate.chain": other.tls!.certPem!,
      "ssl.key.password": keyPassword,
    });
    expect(problems).toEqual([
      "conf.ssl.keystore.key: ssl.keystore.key cannot be used as key store: the private " +
        "key is not that of the first certificate",
    ]);
  });
});

function expectOwnKey(
  tls: { certPem: string | undefined; keyPem: string | undefined } | undefined,
): void {
  const certificate = new X509Certificate(tls?.certPem ?? "");
  expect(certificate.subject).toBe("CN=me");
  expect(certificate.checkPrivateKey(createPrivateKey(tls?.keyPem ?? ""))).toBe(true);
}

describe("trust stores", () => {
  const readable: StoreSettings[] = [
    { location: "trust.p12", password },
    { location: "trust.jks", password },
    // Java reads a JKS trust store without its password, too.
    { location: "trust.jks" },
    { location: "me.pem", type: "PEM" },
    // A key's own certificate is trusted.
    { location: "rsa.p12", type: "PKCS12", password },
  ];
  test.each(readable)("reads %j", async (settings) => {
    const { tls, problems } = await resolveTrust(settings);
    expect(problems).toEqual([]);
    const expected = new X509Certificate(readFileSync(at("me.pem")));
    expect(new X509Certificate(tls?.caPem ?? "").fingerprint256).toBe(expected.fingerprint256);
  });

  const refused: [StoreSettings, string][] = [
    [
      { location: "trust.p12" },
      "location: DIR/trust.p12 cannot be used as trust store: its certificates are " +
        "encrypted, so it needs a password",
    ],
    [
      { location: "trust.p12", password: "wrong" },
      "password: DIR/trust.p12 cannot be used as trust store: the password is wrong, or " +
        "the store is damaged",
    ],
    [
      { certificates: "x", type: "PEM" },
      "certificates: ssl.truststore.certificates cannot be used as trust store: No " +
        "matching CERTIFICATE entries in PEM file",
    ],
    [
      { certificates: "x" },
      "certificates: SSL trust store certs can be specified only for PEM, but trust store " +
        "type is JKS.",
    ],
    [
      { password },
      "password: SSL trust store is not specified, but trust store password is specified.",
    ],
    [
      { location: "me.pem", type: "PEM", password },
      "password: SSL trust store password cannot be specified for PEM format.",
    ],
  ];
  test.each(refused)("explains %j", async (settings, expected) => {
    expect((await resolveTrust(settings)).problems).toEqual([`conf.ssl.truststore.${expected}`]);
  });

  test("are the built-in authorities when there is none", async () => {
    const own = { caPem: undefined, certPem: undefined, keyPem: undefined };
    expect((await resolveTrust({})).tls).toEqual({ ...own, verifyHostname: true });
    const unverified = { "ssl.endpoint.identification.algorithm": "" };
    expect((await resolveTrust(unverified)).tls).toEqual({ ...own, verifyHostname: false });
  });

  test("stay unread when that is asked for", async () => {
    const layer = {
      "bootstrap.servers": "b:1",
      "security.protocol": "SSL",
      "ssl.truststore.location": "/elsewhere/trust.jks",
    };
    const { problems } = await resolveAdminConf([layer], { paths: [""], readFiles: false });
    expect(problems).toEqual([]);
  });
});

describe("damaged stores", () => {
  test("end in a StoreError, never in another error", () => {
    const stores = ["rsa.p12", "rsa.jks", "legacy.p12"].map((name) => readFileSync(at(name)));
    const damaged = fc
      .tuple(fc.constantFrom(...stores), fc.nat(), fc.integer({ min: 0, max: 255 }), fc.boolean())
      .map(([bytes, position, byte, isCut]) => {
        const copy = Buffer.from(bytes);
        copy[position % copy.byteLength] = byte;
        return isCut ? copy.subarray(0, position % copy.byteLength) : copy;
      });
    const readOrExplain = (bytes: Uint8Array) => {
      try {
        readStore(bytes, "PKCS12", { store: undefined, key: undefined });
      } catch (error) {
        expect(error).toBeInstanceOf(StoreError);
      }
    };
    fc.assert(fc.property(damaged, readOrExplain), { numRuns: 300 });
  });
});
