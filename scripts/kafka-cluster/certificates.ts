// The certificates of local clusters: one test authority, a broker certificate for localhost, a
// client certificate for mutual TLS, each in the store formats that Kafka reads, and a second
// authority that nobody trusts. Made once with openssl and keytool and shared by all clusters;
// worthless elsewhere.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KAFKA_DIR } from "./cluster-files.ts";

const PASSWORD = "trogdor";
const VALID_DAYS = "3650";
/** Part of the folder's name: raise it when what is made here changes. */
const LAYOUT = 1;

export interface TlsFiles {
  /** Of every store and of `clientKeyEncryptedPem`. */
  readonly password: string;
  readonly caPem: string;
  /** An authority that signed nothing here: a client that trusts only this one must fail. */
  readonly strangerCaPem: string;
  readonly truststoreJks: string;
  readonly truststorePkcs12: string;
  readonly brokerKeystorePkcs12: string;
  readonly clientKeystoreJks: string;
  readonly clientKeystorePkcs12: string;
  /** Certificate and PKCS#8 key in one file, as `ssl.keystore.type=PEM` wants it. */
  readonly clientKeystorePem: string;
  readonly clientCertificatePem: string;
  readonly clientKeyPem: string;
  readonly clientKeyEncryptedPem: string;
}

/** Makes the files when they are not there yet. */
export async function ensureTlsFiles(): Promise<TlsFiles> {
  const dir = join(KAFKA_DIR, `tls-${LAYOUT}`);
  if (!existsSync(dir)) {
    const fresh = `${dir}.${process.pid}`;
    mkdirSync(fresh, { recursive: true });
    await makeFiles(tlsFilesIn(fresh), fresh);
    try {
      renameSync(fresh, dir);
    } catch (error) {
      // Another start was faster; its files are as good.
      rmSync(fresh, { recursive: true });
      if (!existsSync(dir)) throw error;
    }
  }
  return tlsFilesIn(dir);
}

function tlsFilesIn(dir: string): TlsFiles {
  return {
    password: PASSWORD,
    caPem: join(dir, "ca.pem"),
    strangerCaPem: join(dir, "stranger-ca.pem"),
    truststoreJks: join(dir, "truststore.jks"),
    truststorePkcs12: join(dir, "truststore.p12"),
    brokerKeystorePkcs12: join(dir, "broker.p12"),
    clientKeystoreJks: join(dir, "client.jks"),
    clientKeystorePkcs12: join(dir, "client.p12"),
    clientKeystorePem: join(dir, "client-keystore.pem"),
    clientCertificatePem: join(dir, "client-certificate.pem"),
    clientKeyPem: join(dir, "client-key.pem"),
    clientKeyEncryptedPem: join(dir, "client-key-encrypted.pem"),
  };
}

async function makeFiles(files: TlsFiles, dir: string): Promise<void> {
  const caKey = join(dir, "ca-key.pem");
  const brokerKey = join(dir, "broker-key.pem");
  const brokerCertificate = join(dir, "broker-certificate.pem");
  await makeAuthority("trogdor-test-ca", caKey, files.caPem);
  await makeAuthority("stranger-ca", join(dir, "stranger-key.pem"), files.strangerCaPem);
  const authority = { certificate: files.caPem, key: caKey };
  await makeCertificate("localhost", "serverAuth", brokerKey, brokerCertificate, authority);
  const { clientKeyPem, clientCertificatePem } = files;
  await makeCertificate("client", "clientAuth", clientKeyPem, clientCertificatePem, authority);
  await writePkcs12(brokerKey, brokerCertificate, files.caPem, files.brokerKeystorePkcs12);
  await writePkcs12(clientKeyPem, clientCertificatePem, files.caPem, files.clientKeystorePkcs12);
  const encryption = ["-topk8", "-v2", "aes-256-cbc", "-passout", `pass:${PASSWORD}`];
  await run(
    "openssl",
    "pkcs8",
    "-in",
    clientKeyPem,
    "-out",
    files.clientKeyEncryptedPem,
    ...encryption,
  );
  const pemParts = await Promise.all([clientKeyPem, clientCertificatePem].map(readText));
  writeFileSync(files.clientKeystorePem, pemParts.join(""));
  await writeTruststore(files.caPem, files.truststoreJks, "JKS");
  await writeTruststore(files.caPem, files.truststorePkcs12, "PKCS12");
  await copyToJks(files.clientKeystorePkcs12, files.clientKeystoreJks);
}

async function makeAuthority(name: string, key: string, certificate: string): Promise<void> {
  const extensions = ["-addext", "basicConstraints=critical,CA:TRUE"];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", VALID_DAYS];
  await run(
    ...["openssl", ...request, "-subj", `/CN=${name}`, ...extensions],
    ...["-keyout", key, "-out", certificate],
  );
}

async function makeCertificate(
  name: string,
  usage: "serverAuth" | "clientAuth",
  key: string,
  certificate: string,
  authority: { readonly certificate: string; readonly key: string },
): Promise<void> {
  await run(
    ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", VALID_DAYS],
    ...["-subj", `/CN=${name}`, "-CA", authority.certificate, "-CAkey", authority.key],
    ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ...["-addext", `extendedKeyUsage=${usage}`, "-addext", "basicConstraints=CA:FALSE"],
    ...["-keyout", key, "-out", certificate],
  );
}

async function writePkcs12(key: string, certificate: string, ca: string, out: string) {
  await run(
    ...["openssl", "pkcs12", "-export", "-name", "trogdor", "-inkey", key, "-in", certificate],
    ...["-certfile", ca, "-passout", `pass:${PASSWORD}`, "-out", out],
  );
}

// Java only takes a PKCS#12 entry as trusted when an attribute says so, which openssl 3.0 cannot
// write.
async function writeTruststore(ca: string, out: string, type: "JKS" | "PKCS12"): Promise<void> {
  await run(
    ...["keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", ca],
    ...["-keystore", out, "-storetype", type, "-storepass", PASSWORD],
  );
}

async function copyToJks(pkcs12: string, out: string): Promise<void> {
  await run(
    ...["keytool", "-importkeystore", "-noprompt", "-srckeystore", pkcs12],
    ...["-srcstoretype", "PKCS12", "-srcstorepass", PASSWORD],
    ...["-destkeystore", out, "-deststoretype", "JKS", "-deststorepass", PASSWORD],
  );
}

async function run(...command: string[]): Promise<void> {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const said = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed:\n${said.trim()}`);
}

async function readText(file: string): Promise<string> {
  return await Bun.file(file).text();
}
