// What a program told the kernel, read from strace: which files it wrote and synced, what it
// received and sent, in order. From that a test rebuilds a folder as a power cut would leave it.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { eventually } from "./daemon-process.ts";

export interface SystemCall {
  readonly name: string;
  /** The path or socket behind the first argument. */
  readonly target: string;
  /** The bytes written, sent or received; empty for other calls. */
  readonly data: Buffer;
  /** The last numeric argument: the offset of pwrite64, the length of ftruncate. */
  readonly lastNumber: number;
  readonly result: number;
  readonly line: string;
}

const traced =
  "openat,write,pwrite64,writev,pwritev,sendto,sendmsg,recvfrom,recvmsg," +
  "fsync,fdatasync,sync_file_range,ftruncate,unlink,unlinkat,rename,renameat2";

/**
 * The command line that runs `command` and writes what it does to `tracePath`. The process is that
 * of the command itself; the tracer watches from beside and ends after it.
 */
export function tracedCommand(command: readonly string[], tracePath: string): string[] {
  const options = ["-D", "-f", "-q", "-y", "-xx", "-s", "1000000", "-e", `trace=${traced}`];
  return ["strace", ...options, "-o", tracePath, "--", ...command];
}

/** The whole trace of a program that has ended; in the order of completion. */
export async function finishedTrace(tracePath: string): Promise<SystemCall[]> {
  const read = () => readFileSync(tracePath, "latin1");
  const isWhole = () => /\n\d+ +\+\+\+ .*\n$/.test(read());
  if (!(await eventually(isWhole, 10_000))) throw new Error(`${tracePath} has no end`);
  return readSystemCalls(read());
}

/** In the order of completion. */
function readSystemCalls(trace: string): SystemCall[] {
  const unfinished = new Map<string, string>();
  const calls: SystemCall[] = [];
  for (const line of trace.split("\n")) {
    const [, pid = "", text = ""] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (text.endsWith(" <unfinished ...>")) {
      unfinished.set(pid, text.slice(0, -" <unfinished ...>".length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    const call = parseCall(resumed ? `${unfinished.get(pid) ?? ""}${resumed[1]}` : text);
    if (call !== undefined) calls.push(call);
  }
  return calls;
}

function parseCall(text: string): SystemCall | undefined {
  const [, name = "", args = "", result] = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(text) ?? [];
  if (result === undefined) return undefined;
  const described = /^\w+<([^>]*)>/.exec(args)?.[1];
  const quoted = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map((match) => fromHex(match[1]!));
  const isPathCall = /^(?:unlink|unlinkat|rename|renameat2|openat)$/.test(name);
  const target = isPathCall ? (quoted[0]?.toString() ?? "") : fromEscapes(described ?? "");
  const lastNumber = Number(/(\d+)$/.exec(args)?.[1] ?? 0);
  const data = isPathCall ? Buffer.alloc(0) : Buffer.concat(quoted);
  return { name, target, data, lastNumber, result: Number(result), line: text.slice(0, 120) };
}

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll("\\x", ""), "hex");
}

function fromEscapes(text: string): string {
  return text.includes("\\x") ? fromHex(text).toString() : text;
}

/** The files of a folder, as written and as synced. */
export class TracedFolder {
  readonly #written = new Map<string, Buffer>();
  readonly #synced = new Map<string, Buffer>();
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = `${folder}/`;
  }

  apply(call: SystemCall): void {
    if (!call.target.startsWith(this.#folder) || call.result < 0) return;
    const { target, name } = call;
    if (name === "fsync" || name === "fdatasync") this.#synced.set(target, this.#content(target));
    else if (name === "ftruncate") this.#resize(target, call.lastNumber);
    else if (name === "unlink" || name === "unlinkat") this.#delete(target);
    else if (name === "pwrite64") this.#write(target, call.data, call.lastNumber);
    else if (name === "write") this.#write(target, call.data, this.#content(target).length);
    else if (/^(?:pwritev|writev|rename|sync)/.test(name)) {
      throw new Error(`A call that this replay does not know: ${call.line}`);
    }
  }

  /** Writes the folder as a power cut would leave it at worst: only what was synced. */
  restoreSynced(into: string): void {
    for (const [path, content] of this.#synced) {
      const copy = join(into, path.slice(this.#folder.length));
      mkdirSync(dirname(copy), { recursive: true });
      writeFileSync(copy, content);
    }
  }

  #content(path: string): Buffer {
    return this.#written.get(path) ?? Buffer.alloc(0);
  }

  #write(path: string, data: Buffer, offset: number): void {
    const old = this.#content(path);
    const next = Buffer.alloc(Math.max(old.length, offset + data.length));
    old.copy(next);
    data.copy(next, offset);
    this.#written.set(path, next);
  }

  #resize(path: string, sizeBytes: number): void {
    const next = Buffer.alloc(sizeBytes);
    this.#content(path).copy(next);
    this.#written.set(path, next);
  }

  /** A deletion may be on disk at once: who relies on the file must not need it any more. */
  #delete(path: string): void {
    this.#written.delete(path);
    this.#synced.delete(path);
  }
}
