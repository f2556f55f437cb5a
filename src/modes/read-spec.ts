// Where a spec comes from: a file, JSON on the command line, or standard input. Refuses what can be
// no spec before anything is parsed, and says why.

import { open } from "node:fs/promises";
import { TrogdorError } from "../core/trogdor-error.ts";
import type { ModeHost } from "./mode-host.ts";

/** The largest real spec seen is below 100 kB; a constant payload may need some megabytes. */
export const specSizeBytesMax = 16 * 1024 * 1024;

export interface SpecText {
  readonly text: string;
  /** How to call it in messages. */
  readonly name: string;
}

/** As the reference: JSON when the first character that is not blank is `{`. */
export async function readSpec(argument: string, host: ModeHost): Promise<SpecText> {
  if (/^\s*\{/.test(argument)) return { text: argument, name: "the SPEC argument" };
  const name = argument === "-" ? "standard input" : argument;
  const bytes = argument === "-" ? await readInput(host) : await readTextFile(argument);
  return { text: specText(bytes, name), name };
}

async function readInput(host: ModeHost): Promise<Uint8Array> {
  return await host.readInput(specSizeBytesMax);
}

export async function readTextFile(path: string): Promise<Uint8Array> {
  if (path === "") throw new TrogdorError("spec", "SPEC is empty; expected a file, JSON or -");
  try {
    await using file = await open(path, "r");
    const status = await file.stat();
    if (status.isDirectory()) throw new TrogdorError("spec", `${path} is a directory, not a file`);
    if (status.size > specSizeBytesMax) throw new TrogdorError("spec", tooLong(path, status.size));
    return await readAtMost(file, path);
  } catch (error) {
    if (error instanceof TrogdorError) throw error;
    throw new TrogdorError("spec", `Cannot read ${path}: ${reason(error)}`, { cause: error });
  }
}

/** A device or a pipe has no size beforehand, so the bound holds while reading too. */
async function readAtMost(
  file: Awaited<ReturnType<typeof open>>,
  path: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(65_536), 0, 65_536, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    sizeBytes += bytesRead;
    if (sizeBytes > specSizeBytesMax) throw new TrogdorError("spec", tooLong(path, sizeBytes));
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

function specText(bytes: Uint8Array, name: string): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new TrogdorError("spec", `${name} is not text: it holds bytes that are not UTF-8`);
  }
  if (text.trim() === "")
    throw new TrogdorError("spec", `${name} is empty; expected a JSON object`);
  if (text.includes("\u0000")) {
    throw new TrogdorError("spec", `${name} is not text: it holds zero bytes`);
  }
  return text;
}

function tooLong(path: string, sizeBytes: number): string {
  const limit = `${specSizeBytesMax / 1024 / 1024} MiB`;
  return `${path} is too large for a spec: at least ${sizeBytes} bytes, at most ${limit} are read`;
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
