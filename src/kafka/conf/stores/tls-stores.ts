// Reads the trust store and the key store that the ssl.* settings name and gives their contents as
// PEM. Which settings go together is as in Java, with its messages.

import { type KeyObject, X509Certificate } from "node:crypto";
import { errorText } from "../../../core/trogdor-error.ts";
import type { ConfReader } from "../conf-reader.ts";
import type { TlsConf } from "../types.ts";
import { certificatesIn, certificatesToPem, privateKeyIn, privateKeyToPem } from "./pem.ts";
import { readStore, readStoreFile } from "./read-store.ts";
import { StoreError } from "./store-error.ts";

export type TlsStores = Pick<TlsConf, "caPem" | "certPem" | "keyPem">;

const none: TlsStores = { caPem: undefined, certPem: undefined, keyPem: undefined };

export async function readTlsStores(reader: ConfReader, readFiles: boolean): Promise<TlsStores> {
  const trustType = readType(reader, "ssl.truststore.type");
  const keyType = readType(reader, "ssl.keystore.type");
  const hasTrust = trustType !== undefined && checkTrustSettings(reader, trustType);
  const hasKey = keyType !== undefined && checkKeySettings(reader, keyType);
  if (!readFiles) return none;
  const caPem = hasTrust
    ? await reporting(reader, "truststore", readTrust(reader, trustType))
    : undefined;
  const own = hasKey ? await reporting(reader, "keystore", readKey(reader, keyType)) : undefined;
  return { ...none, caPem, ...own };
}

type StoreType = "JKS" | "PKCS12" | "PEM";

function readType(reader: ConfReader, key: string): StoreType | undefined {
  const type = reader.text(key);
  const known = (["JKS", "PKCS12", "PEM"] as const).find((name) => name === type.toUpperCase());
  if (known === undefined) {
    reader.fail(
      key,
      `Invalid value ${type} for configuration ${key}: it must be JKS, PKCS12 or PEM`,
    );
  }
  return known;
}

/** Undefined for what is not set, empty texts included. */
function setting(reader: ConfReader, name: string): string | undefined {
  return reader.text(name) || undefined;
}

/** Answers whether there is a trust store to read. */
function checkTrustSettings(reader: ConfReader, type: StoreType): boolean {
  const has = (name: string) => setting(reader, `ssl.truststore.${name}`) !== undefined;
  const fail = (name: string, message: string) => {
    reader.fail(`ssl.truststore.${name}`, message);
    return false;
  };
  if (has("certificates")) {
    if (type !== "PEM") {
      return fail(
        "certificates",
        `SSL trust store certs can be specified only for PEM, but trust store type is ${type}.`,
      );
    }
    if (has("location")) {
      return fail(
        "location",
        "Both SSL trust store location and separate trust certificates are specified.",
      );
    }
  }
  if (type === "PEM" && has("password")) {
    return fail("password", "SSL trust store password cannot be specified for PEM format.");
  }
  if (!has("location") && !has("certificates")) {
    if (has("password")) {
      fail("password", "SSL trust store is not specified, but trust store password is specified.");
    }
    return false;
  }
  return true;
}

/** Answers whether there is a key store to read. */
function checkKeySettings(reader: ConfReader, type: StoreType): boolean {
  const has = (name: string) => setting(reader, `ssl.keystore.${name}`) !== undefined;
  const fail = (name: string, message: string) => {
    reader.fail(`ssl.keystore.${name}`, message);
    return false;
  };
  if (has("key") !== has("certificate.chain")) {
    return has("key")
      ? fail("key", "SSL private key is specified, but certificate chain is not specified.")
      : fail(
          "certificate.chain",
          "SSL certificate chain is specified, but private key is not specified",
        );
  }
  if (has("key") && type !== "PEM") {
    return fail(
      "key",
      "SSL certificate chain and private key can be specified only for PEM format, but " +
        `key store type is ${type}.`,
    );
  }
  if (has("key") && has("location")) {
    return fail("location", "Both SSL key store location and separate private key are specified.");
  }
  if (type === "PEM" && has("password")) {
    return fail(
      "password",
      "SSL key store password cannot be specified with PEM format, only key password may " +
        "be specified.",
    );
  }
  if (!has("location")) {
    if (has("password")) {
      fail("password", "SSL key store is not specified, but key store password is specified.");
    }
    return has("key");
  }
  if (type !== "PEM" && !has("password")) {
    return fail("location", "SSL key store is specified, but key store password is not specified.");
  }
  return true;
}

async function readTrust(reader: ConfReader, type: StoreType): Promise<string> {
  const location = setting(reader, "ssl.truststore.location");
  if (type === "PEM") {
    const text =
      location === undefined
        ? reader.text("ssl.truststore.certificates")
        : Buffer.from(await readStoreFile(location)).toString("utf8");
    return certificatesToPem(checked(certificatesIn(text)));
  }
  const password = setting(reader, "ssl.truststore.password");
  const bytes = await readStoreFile(location!);
  const contents = readStore(bytes, type, { store: password, key: undefined });
  // A key's own certificate is trusted too, as in Java.
  const ofKeys = contents.keys.flatMap(({ chain }) => chain.slice(0, 1));
  const certificates = [...contents.certificates, ...ofKeys];
  if (certificates.length === 0) throw new StoreError("content", "it holds no certificate");
  return certificatesToPem(checked(certificates));
}

type OwnKey = Pick<TlsStores, "certPem" | "keyPem">;

async function readKey(reader: ConfReader, type: StoreType): Promise<OwnKey> {
  const location = setting(reader, "ssl.keystore.location");
  const keyPassword = setting(reader, "ssl.key.password");
  if (type === "PEM") {
    const text =
      location === undefined ? undefined : Buffer.from(await readStoreFile(location)).toString();
    const key = privateKeyIn(text ?? reader.text("ssl.keystore.key"), keyPassword);
    return ownKey(key, certificatesIn(text ?? reader.text("ssl.keystore.certificate.chain")));
  }
  const passwords = { store: setting(reader, "ssl.keystore.password"), key: keyPassword };
  const { keys } = readStore(await readStoreFile(location!), type, passwords);
  const [first, ...others] = keys.filter(({ chain }) => chain.length > 0);
  if (first === undefined) throw new StoreError("content", "it holds no key with a certificate");
  if (others.length > 0) {
    const count = others.length + 1;
    reader.warn("ssl.keystore.location", `has ${count} keys; "${first.alias}" is used`);
  }
  return ownKey(first.privateKey, first.chain);
}

function ownKey(key: KeyObject, chain: readonly Uint8Array[]): OwnKey {
  if (!new X509Certificate(checked(chain)[0]!).checkPrivateKey(key)) {
    throw new StoreError("content", "the private key is not that of the first certificate");
  }
  return { certPem: certificatesToPem(chain), keyPem: privateKeyToPem(key) };
}

function checked(certificates: readonly Uint8Array[]): readonly Uint8Array[] {
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      throw new StoreError("content", "a certificate cannot be read", error);
    }
  }
  return certificates;
}

/** Puts what went wrong on the setting that is most likely to be at fault. */
async function reporting<Result>(
  reader: ConfReader,
  store: "truststore" | "keystore",
  work: Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    const location = setting(reader, `ssl.${store}.location`);
    const inline = store === "truststore" ? "ssl.truststore.certificates" : "ssl.keystore.key";
    const what = location === undefined ? `${inline} cannot be used` : `${location} cannot be used`;
    const candidates = error instanceof StoreError ? passwordSettings(error.kind, store) : [];
    const blamed = candidates.find((name) => setting(reader, name) !== undefined);
    reader.fail(
      blamed ?? (location === undefined ? inline : `ssl.${store}.location`),
      `${what} as ${store === "keystore" ? "key" : "trust"} store: ${errorText(error)}`,
    );
    return undefined;
  }
}

function passwordSettings(kind: StoreError["kind"], store: "truststore" | "keystore"): string[] {
  if (kind === "content") return [];
  const own = `ssl.${store}.password`;
  return kind === "keyPassword" ? ["ssl.key.password", own] : [own];
}
