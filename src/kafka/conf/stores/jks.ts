// Reads Java key stores of type JKS. The format:
//
//   magic FEEDFEED | version 1 or 2 | count | entries | SHA-1 over password and all of that
//   entry 1 (key):         alias | date | encrypted key | count | certificates
//   entry 2 (certificate): alias | date | certificate
//
// A key is protected by a stream of SHA-1 sums over password and salt, and followed by a SHA-1 sum
// over password and key, which tells whether the password was right.

import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { childAt, octets, readNode, tags } from "./der.ts";
import type { StorePasswords } from "./pkcs12.ts";
import type { StoreContents, StoreKey } from "./store-contents.ts";
import { StoreError } from "./store-error.ts";

const sumBytes = 20;
/** Mixed into the store's own sum. */
const whitener = "Mighty Aphrodite";

export function isJks(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString("hex") === "feedfeed";
}

export function readJks(bytes: Uint8Array, passwords: StorePasswords): StoreContents {
  if (passwords.store !== undefined) verifySum(bytes, passwords.store);
  const reader = createReader(bytes.subarray(0, bytes.byteLength - sumBytes));
  reader.int();
  const version = reader.int();
  if (version !== 1 && version !== 2) {
    throw new StoreError("content", `JKS version ${version} is not supported`);
  }
  const certificate = () => {
    if (version === 2) reader.text();
    return reader.bytes(reader.int());
  };
  const keys: StoreKey[] = [];
  const certificates: Uint8Array[] = [];
  const count = reader.int();
  for (let index = 0; index < count; index++) {
    const tag = reader.int();
    const alias = reader.text();
    reader.bytes(8);
    if (tag === 2) certificates.push(certificate());
    else if (tag === 1) {
      const protectedKey = reader.bytes(reader.int());
      const chain = Array.from({ length: Math.min(reader.int(), 1000) }, certificate);
      keys.push({ alias, chain, privateKey: unprotect(protectedKey, alias, passwords) });
    } else throw new StoreError("content", `an entry of kind ${tag} is not supported`);
  }
  return { keys, certificates };
}

function verifySum(bytes: Uint8Array, password: string): void {
  const end = bytes.byteLength - sumBytes;
  const sum = createHash("sha1")
    .update(passwordBytes(password))
    .update(whitener)
    .update(bytes.subarray(0, end))
    .digest();
  if (!sum.equals(bytes.subarray(end))) {
    throw new StoreError("password", "the password is wrong, or the store is damaged");
  }
}

function unprotect(bytes: Uint8Array, alias: string, passwords: StorePasswords): KeyObject {
  const password = passwordBytes(passwords.key ?? passwords.store ?? "");
  const info = readNode(bytes, tags.sequence);
  const data = Buffer.from(octets(childAt(info, 1, tags.octetString)));
  const sha1 = (...parts: Uint8Array[]) => createHash("sha1").update(Buffer.concat(parts)).digest();
  const key = Buffer.from(data.subarray(sumBytes, -sumBytes));
  let pad: Uint8Array = data.subarray(0, sumBytes);
  for (let at = 0; at < key.byteLength; at += sumBytes) {
    pad = sha1(password, pad);
    for (let offset = 0; offset < sumBytes && at + offset < key.byteLength; offset++) {
      key[at + offset]! ^= pad[offset]!;
    }
  }
  if (!sha1(password, key).equals(data.subarray(-sumBytes))) {
    throw new StoreError("keyPassword", `the password of the key "${alias}" is wrong`);
  }
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

/** Big-endian UTF-16. */
function passwordBytes(password: string): Buffer {
  return Buffer.from(password, "utf16le").swap16();
}

function createReader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (count: number) => {
    if (count < 0 || at + count > bytes.byteLength) {
      throw new StoreError("content", "the JKS store is damaged: it ends too early");
    }
    at += count;
    return at - count;
  };
  return {
    int: () => view.getInt32(take(4)),
    bytes(count: number): Uint8Array {
      const start = take(count);
      return bytes.subarray(start, start + count);
    },
    text(): string {
      return Buffer.from(this.bytes(view.getUint16(take(2)))).toString("utf8");
    },
  };
}
