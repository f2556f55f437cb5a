// Reads PKCS12 stores (RFC 7292) as keytool and openssl write them: keys, their chains, and
// certificates alone.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { childAt, childrenOf, type DerNode, octets, oid, readNode, tags } from "./der.ts";
import { decrypt, verifyMac } from "./pkcs12-decryption.ts";
import type { StoreContents, StoreKey } from "./store-contents.ts";
import { StoreError } from "./store-error.ts";

const types = {
  data: "1.2.840.113549.1.7.1",
  encryptedData: "1.2.840.113549.1.7.6",
  keyBag: "1.2.840.113549.1.12.10.1.1",
  shroudedKeyBag: "1.2.840.113549.1.12.10.1.2",
  certBag: "1.2.840.113549.1.12.10.1.3",
  x509: "1.2.840.113549.1.9.22.1",
  friendlyName: "1.2.840.113549.1.9.20",
  localKeyId: "1.2.840.113549.1.9.21",
} as const;

interface Bag {
  readonly type: string;
  readonly value: DerNode;
  readonly alias: string;
  /** Ties a key to its certificate; "" when there is none. */
  readonly localKeyId: string;
}

export interface StorePasswords {
  /** Undefined: none is known, and the store's integrity is not checked. */
  readonly store: string | undefined;
  readonly key: string | undefined;
}

export function isPkcs12(bytes: Uint8Array): boolean {
  return bytes[0] === tags.sequence;
}

export function readPkcs12(bytes: Uint8Array, passwords: StorePasswords): StoreContents {
  const root = readNode(bytes, tags.sequence);
  const [, authSafe, macData] = childrenOf(root);
  if (authSafe === undefined) throw new StoreError("content", "it holds nothing");
  const content = dataOf(authSafe);
  if (macData !== undefined && passwords.store !== undefined) {
    verifyMac(macData, content, passwords.store);
  }
  const bags = childrenOf(readNode(content, tags.sequence)).flatMap((info) =>
    bagsOf(safeContentsOf(info, passwords.store)),
  );
  const certificates = bags.filter(isCertificate).map((bag) => ({ bag, der: certificateOf(bag) }));
  const keys = bags
    .filter(({ type }) => type === types.keyBag || type === types.shroudedKeyBag)
    .map((bag): StoreKey => {
      const leaf = certificates.find(
        (certificate) => bag.localKeyId !== "" && certificate.bag.localKeyId === bag.localKeyId,
      );
      const all = certificates.map(({ der }) => der);
      return {
        alias: bag.alias,
        privateKey: privateKeyOf(bag, passwords),
        chain: leaf === undefined ? [] : chainFrom(leaf.der, all),
      };
    });
  const inChains = new Set(keys.flatMap(({ chain }) => chain));
  return {
    keys,
    certificates: certificates.map(({ der }) => der).filter((der) => !inChains.has(der)),
  };
}

/** The content of a ContentInfo of type data. */
function dataOf(info: DerNode): Uint8Array {
  const type = oid(childAt(info, 0, tags.oid));
  if (type !== types.data) {
    throw new StoreError("content", `its content type ${type} is not supported`);
  }
  return octets(childrenOf(childAt(info, 1, tags.context0))[0] ?? childAt(info, 1, tags.context0));
}

function safeContentsOf(info: DerNode, password: string | undefined): Uint8Array {
  if (oid(childAt(info, 0, tags.oid)) !== types.encryptedData) return dataOf(info);
  if (password === undefined) {
    throw new StoreError("password", "its certificates are encrypted, so it needs a password");
  }
  const encryptedData = childAt(childAt(info, 1, tags.context0), 0, tags.sequence);
  const contentInfo = childAt(encryptedData, 1, tags.sequence);
  const encrypted = childrenOf(contentInfo)[2];
  if (encrypted === undefined) throw new StoreError("content", "an encrypted part is empty");
  return decrypt(childAt(contentInfo, 1, tags.sequence), octets(encrypted), password);
}

function bagsOf(safeContents: Uint8Array): Bag[] {
  return childrenOf(readNode(safeContents, tags.sequence)).map((bag) => {
    const attributes = new Map<string, DerNode>();
    for (const attribute of childrenOf(bag)[2] === undefined
      ? []
      : childrenOf(childAt(bag, 2, tags.set))) {
      const value = childrenOf(childAt(attribute, 1, tags.set))[0];
      if (value !== undefined) attributes.set(oid(childAt(attribute, 0, tags.oid)), value);
    }
    const name = attributes.get(types.friendlyName)?.content;
    const id = attributes.get(types.localKeyId)?.content;
    return {
      type: oid(childAt(bag, 0, tags.oid)),
      value: readNode(childAt(bag, 1, tags.context0).content),
      alias: name === undefined ? "" : Buffer.from(name).swap16().toString("utf16le"),
      localKeyId: id === undefined ? "" : Buffer.from(id).toString("hex"),
    };
  });
}

function isCertificate({ type, value }: Bag): boolean {
  return type === types.certBag && oid(childAt(value, 0, tags.oid)) === types.x509;
}

function certificateOf({ value }: Bag): Uint8Array {
  return octets(readNode(childAt(value, 1, tags.context0).content));
}

function privateKeyOf(bag: Bag, passwords: StorePasswords): KeyObject {
  const key = Buffer.from(bag.value.bytes);
  if (bag.type === types.keyBag) return createPrivateKey({ key, format: "der", type: "pkcs8" });
  const passphrase = passwords.key ?? passwords.store ?? "";
  try {
    return createPrivateKey({ key, format: "der", type: "pkcs8", passphrase });
  } catch (error) {
    throw new StoreError("keyPassword", `the password of the key "${bag.alias}" is wrong`, error);
  }
}

/** The leaf and its issuers, as far as the store has them. */
function chainFrom(leaf: Uint8Array, all: readonly Uint8Array[]): Uint8Array[] {
  const chain = [leaf];
  for (let current = leaf; chain.length <= all.length; ) {
    const child = new X509Certificate(current);
    if (child.issuer === child.subject) break;
    const parent = all.find(
      (der) => !chain.includes(der) && child.checkIssued(new X509Certificate(der)),
    );
    if (parent === undefined) break;
    chain.push(parent);
    current = parent;
  }
  return chain;
}
