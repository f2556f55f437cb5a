// The password-based algorithms of PKCS12 stores: the integrity check, and the encryption of
// certificates, as keytool and openssl write them today (PBES2) and wrote them before (PBE with
// SHA-1). Encrypted keys need nothing of this: the runtime reads them.

import { createDecipheriv, createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import { childAt, childrenOf, type DerNode, integer, octets, oid, tags } from "./der.ts";
import { StoreError } from "./store-error.ts";

const digests: Readonly<Record<string, { name: string; blockBytes: number }>> = {
  "1.3.14.3.2.26": { name: "sha1", blockBytes: 64 },
  "2.16.840.1.101.3.4.2.1": { name: "sha256", blockBytes: 64 },
  "2.16.840.1.101.3.4.2.2": { name: "sha384", blockBytes: 128 },
  "2.16.840.1.101.3.4.2.3": { name: "sha512", blockBytes: 128 },
};
const hmacs: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};
const ciphers: Readonly<Record<string, { name: string; keyBytes: number }>> = {
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", keyBytes: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", keyBytes: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", keyBytes: 32 },
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", keyBytes: 24 },
};
/** PBE with SHA-1, whose key and start vector come from PKCS12's own derivation. */
const oldCiphers: Readonly<Record<string, { name: string; keyBytes: number }>> = {
  "1.2.840.113549.1.12.1.3": { name: "des-ede3-cbc", keyBytes: 24 },
  "1.2.840.113549.1.12.1.6": { name: "rc2-40-cbc", keyBytes: 5 },
};
const pbes2 = "1.2.840.113549.1.5.13";
const pbkdf2 = "1.2.840.113549.1.5.12";

/** What is derived, in PKCS12's numbering. */
const purposes = { key: 1, startVector: 2, mac: 3 } as const;

/** As many as Java allows: a store must not be able to keep us busy for hours. */
const iterationsMax = 5_000_000;

/** Throws when the store was not made with this password. `macData` as in RFC 7292. */
export function verifyMac(macData: DerNode, content: Uint8Array, password: string): void {
  const [digestInfo, salt, iterations] = childrenOf(macData);
  if (digestInfo === undefined || salt === undefined) throw unsupported("its integrity check");
  const algorithm = oid(childAt(childAt(digestInfo, 0, tags.sequence), 0, tags.oid));
  const digest = digests[algorithm];
  if (digest === undefined) throw unsupported(`its integrity check (${algorithm})`);
  const expected = octets(childAt(digestInfo, 1, tags.octetString));
  const key = derive(digest, purposes.mac, {
    password,
    salt: octets(salt),
    iterations: iterations === undefined ? 1 : checkedIterations(iterations),
    bytes: createHash(digest.name).digest().byteLength,
  });
  const actual = createHmac(digest.name, key).update(content).digest();
  if (actual.byteLength !== expected.byteLength || !timingSafeEqual(actual, expected)) {
    throw new StoreError("password", "the password is wrong, or the store is damaged");
  }
}

/** `algorithm` is the AlgorithmIdentifier beside the encrypted bytes. */
export function decrypt(algorithm: DerNode, encrypted: Uint8Array, password: string): Uint8Array {
  const { cipher, key, startVector } = keyOf(algorithm, password);
  try {
    const decipher = createDecipheriv(cipher, key, startVector);
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  } catch (error) {
    throw new StoreError("password", "the password is wrong, or the store is damaged", error);
  }
}

function keyOf(algorithm: DerNode, password: string) {
  const name = oid(childAt(algorithm, 0, tags.oid));
  const parameters = childAt(algorithm, 1, tags.sequence);
  if (name === pbes2) return pbes2Key(parameters, password);
  const cipher = oldCiphers[name];
  if (cipher === undefined) throw unsupported(`its encryption (${name})`);
  const digest = digests["1.3.14.3.2.26"]!;
  const from = {
    password,
    salt: octets(childAt(parameters, 0, tags.octetString)),
    iterations: checkedIterations(childAt(parameters, 1, tags.integer)),
  };
  return {
    cipher: cipher.name,
    key: derive(digest, purposes.key, { ...from, bytes: cipher.keyBytes }),
    startVector: derive(digest, purposes.startVector, { ...from, bytes: 8 }),
  };
}

function pbes2Key(parameters: DerNode, password: string) {
  const derivation = childAt(parameters, 0, tags.sequence);
  const encryption = childAt(parameters, 1, tags.sequence);
  const derivationName = oid(childAt(derivation, 0, tags.oid));
  if (derivationName !== pbkdf2) throw unsupported(`its key derivation (${derivationName})`);
  const cipherName = oid(childAt(encryption, 0, tags.oid));
  const cipher = ciphers[cipherName];
  if (cipher === undefined) throw unsupported(`its encryption (${cipherName})`);
  const [salt, iterations, ...rest] = childrenOf(childAt(derivation, 1, tags.sequence));
  const prf = rest.find((node) => node.tag === tags.sequence);
  const hmacName = prf === undefined ? "1.2.840.113549.2.7" : oid(childAt(prf, 0, tags.oid));
  const hmac = hmacs[hmacName];
  if (salt === undefined || iterations === undefined || hmac === undefined) {
    throw unsupported(`its key derivation (${hmacName})`);
  }
  return {
    cipher: cipher.name,
    key: pbkdf2Sync(password, octets(salt), checkedIterations(iterations), cipher.keyBytes, hmac),
    startVector: octets(childAt(encryption, 1, tags.octetString)),
  };
}

interface Derivation {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly bytes: number;
}

/** The key derivation of RFC 7292, appendix B.2. */
function derive(
  digest: { readonly name: string; readonly blockBytes: number },
  purpose: number,
  { password, salt, iterations, bytes }: Derivation,
): Buffer {
  const { blockBytes } = digest;
  const hash = (data: Uint8Array) => createHash(digest.name).update(data).digest();
  const diversifier = Buffer.alloc(blockBytes, purpose);
  const secret = Buffer.concat([filled(salt, blockBytes), filled(bmpString(password), blockBytes)]);
  const parts: Buffer[] = [];
  for (let done = 0; done < bytes; ) {
    let block = hash(Buffer.concat([diversifier, secret]));
    for (let round = 1; round < iterations; round++) block = hash(block);
    parts.push(block);
    done += block.byteLength;
    const addend = filled(block, blockBytes).subarray(0, blockBytes);
    for (let at = 0; at < secret.byteLength; at += blockBytes) {
      addPlusOne(secret.subarray(at, at + blockBytes), addend);
    }
  }
  return Buffer.concat(parts).subarray(0, bytes);
}

/** Repeated up to the next multiple of the block. */
function filled(bytes: Uint8Array, blockBytes: number): Buffer {
  if (bytes.byteLength === 0) return Buffer.alloc(0);
  const length = Math.ceil(bytes.byteLength / blockBytes) * blockBytes;
  return Buffer.alloc(length, bytes);
}

/** Big-endian UTF-16 with a final zero character. */
function bmpString(text: string): Buffer {
  return Buffer.from(`${text}\0`, "utf16le").swap16();
}

function addPlusOne(target: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let at = target.byteLength - 1; at >= 0; at--) {
    const sum = target[at]! + addend[at]! + carry;
    target[at] = sum & 0xff;
    carry = sum >> 8;
  }
}

function checkedIterations(node: DerNode): number {
  const iterations = integer(node);
  if (iterations < 1 || iterations > iterationsMax) throw unsupported("its iteration count");
  return iterations;
}

function unsupported(what: string): StoreError {
  return new StoreError(
    "content",
    `${what} is not supported; keytool -importkeystore makes a store that is`,
  );
}
