// PEM: the blocks of a text, certificates and PKCS8 keys. Line breaks may be spaces, as they become
// when a key is written into one line of a configuration.

import { createPrivateKey, type KeyObject } from "node:crypto";
import { StoreError } from "./store-error.ts";

export function certificatesIn(text: string): Uint8Array[] {
  const blocks = blocksOf(text).filter(({ label }) => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label));
  if (blocks.length === 0) {
    throw new StoreError("content", "No matching CERTIFICATE entries in PEM file");
  }
  return blocks.map(({ der }) => der);
}

export function privateKeyIn(text: string, password: string | undefined): KeyObject {
  const blocks = blocksOf(text);
  const block = blocks.find(({ label }) => /^(ENCRYPTED )?PRIVATE KEY$/.test(label));
  if (block === undefined) {
    const other = blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
    const hint =
      other === undefined
        ? ""
        : `: it has a ${other.label}, which openssl pkcs8 -topk8 turns into PKCS8`;
    throw new StoreError("content", `No matching PRIVATE KEY entries in PEM file${hint}`);
  }
  const isEncrypted = block.label.startsWith("ENCRYPTED");
  if (isEncrypted && password === undefined) {
    throw new StoreError("keyPassword", "the private key is encrypted, so it needs a password");
  }
  const key = Buffer.from(block.der);
  try {
    return isEncrypted
      ? createPrivateKey({ key, format: "der", type: "pkcs8", passphrase: password! })
      : createPrivateKey({ key, format: "der", type: "pkcs8" });
  } catch (error) {
    if (isEncrypted) throw new StoreError("keyPassword", "the password of the key is wrong", error);
    throw new StoreError("content", "the private key cannot be read", error);
  }
}

export function certificatesToPem(certificates: readonly Uint8Array[]): string {
  return certificates.map((der) => toPem("CERTIFICATE", der)).join("");
}

export function privateKeyToPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

interface Block {
  readonly label: string;
  readonly der: Uint8Array;
}

function blocksOf(text: string): Block[] {
  const pattern = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;
  return [...text.matchAll(pattern)].map(([, label, body]) => ({
    label: label!,
    der: Buffer.from(body!, "base64"),
  }));
}

function toPem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
