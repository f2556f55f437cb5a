// Where a spec comes from: a file, JSON on the command line, or standard input. Refuses what can be
// no spec before anything is parsed, and says why.

import { type FileHandle, open } from "node:fs/promises";
import { TrogdorError, type TrogdorErrorCode } from "../core/trogdor-error.ts";
import { SPEC_SIZE_MAX_BYTES } from "../spec/json.ts";
import type { ModeHost } from "./mode-host.ts";

export interface SpecText {
  readonly text: string;
  /** How to call it in messages. */
  readonly name: string;
}

/** As the reference: JSON when the first character that is not blank is `{`. */
export async function readSpec(argument: string, host: ModeHost): Promise<SpecText> {
  if (/^\s*\{/.test(argument)) return { text: argument, name: "the SPEC argument" };
  if (argument !== "-") return { text: await readTextFile(argument, "spec"), name: argument };
  const name = "standard input";
  return { text: decodedText(await host.readInput(SPEC_SIZE_MAX_BYTES), name, "spec"), name };
}

export async function readTextFile(path: string, code: TrogdorErrorCode): Promise<string> {
  if (path === "") throw new TrogdorError(code, "The name of the file is empty");
  try {
    await using file = await open(path, "r");
    const status = await file.stat();
    if (status.isDirectory()) throw new TrogdorError(code, `${path} is a directory, not a file`);
    if (status.size > SPEC_SIZE_MAX_BYTES) throw new TrogdorError(code, tooLong(path, status.size));
    return decodedText(await readAtMost(file, path, code), path, code);
  } catch (error) {
    if (error instanceof TrogdorError) throw error;
    throw new TrogdorError(code, `Cannot read ${path}: ${reason(error)}`, { cause: error });
  }
}

/** A device or a pipe has no size beforehand, so the bound holds while reading too. */
async function readAtMost(
  file: FileHandle,
  path: string,
  code: TrogdorErrorCode,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(65_536), 0, 65_536, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    sizeBytes += bytesRead;
    if (sizeBytes > SPEC_SIZE_MAX_BYTES) throw new TrogdorError(code, tooLong(path, sizeBytes));
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

function decodedText(bytes: Uint8Array, name: string, code: TrogdorErrorCode): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new TrogdorError(code, `${name} is not text: it holds bytes that are not UTF-8`);
  }
  if (text.trim() === "") throw new TrogdorError(code, `${name} is empty; expected a JSON object`);
  if (text.includes("\u0000")) {
    throw new TrogdorError(code, `${name} is not text: it holds zero bytes`);
  }
  return text;
}

function tooLong(path: string, sizeBytes: number): string {
  const limit = `${SPEC_SIZE_MAX_BYTES / 1024 / 1024} MiB`;
  return `${path} is too large: at least ${sizeBytes} bytes, at most ${limit} are read`;
}

function reason(error: unknown): string {
  const code = (error as { readonly code?: string }).code ?? "";
  const reasons: Record<string, string> = {
    ENOENT: "no such file",
    EACCES: "permission denied",
    EPERM: "permission denied",
    ENOTDIR: "a part of the path is not a directory",
    ENAMETOOLONG: "the name is too long",
    ELOOP: "too many symbolic links",
  };
  return reasons[code] ?? (code === "" ? String(error) : code);
}
