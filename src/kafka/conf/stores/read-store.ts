// Reads a key store file of type JKS or PKCS12. As in Java, either type also reads a file of the
// other format: what the file is counts, not what it is called.

import { readFile, stat } from "node:fs/promises";
import { errorText } from "../../../core/trogdor-error.ts";
import { isJks, readJks } from "./jks.ts";
import { isPkcs12, readPkcs12, type StorePasswords } from "./pkcs12.ts";
import type { StoreContents } from "./store-contents.ts";
import { StoreError } from "./store-error.ts";

const maxFileBytes = 16 * 1024 * 1024;

export function readStore(
  bytes: Uint8Array,
  type: string,
  passwords: StorePasswords,
): StoreContents {
  try {
    if (isJks(bytes)) return readJks(bytes, passwords);
    if (isPkcs12(bytes)) return readPkcs12(bytes, passwords);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError("content", `it is damaged: ${errorText(error)}`, error);
  }
  const found = describe(bytes);
  throw new StoreError("content", `it is ${found}, not a store of type ${type}`);
}

export async function readStoreFile(location: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(location);
    if (size > maxFileBytes) {
      throw new StoreError("content", `it has ${size} bytes, more than any key store`);
    }
    return await readFile(location);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const code = (error as { code?: unknown }).code;
    const reason =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EACCES"
          ? "permission denied"
          : code === "EISDIR"
            ? "it is a directory"
            : errorText(error);
    throw new StoreError("content", reason, error);
  }
}

function describe(bytes: Uint8Array): string {
  if (bytes.byteLength === 0) return "empty";
  const start = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  if (start === "cececece") return "a JCEKS store";
  if (Buffer.from(bytes.subarray(0, 4096)).includes("-----BEGIN ")) return "a PEM file";
  return "something else";
}
