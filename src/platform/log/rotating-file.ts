// A log file with a bound: when it is full it becomes FILE.1, the older ones move up by one, and
// the oldest goes. Lines are written at once, so that a crash loses none. A log must not end a
// daemon: what cannot be written is counted and said when writing works again.

import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export interface RotatingFileOptions {
  readonly path: string;
  /** Of all files together. */
  readonly sizeBytesMax: number;
  /** How many older files are kept beside the current one. */
  readonly olderFiles?: number;
}

export interface RotatingFile {
  writeLine(line: string): void;
  /** Lines that could not be written since the last one that could. */
  readonly droppedLines: number;
  close(): void;
}

const defaultOlderFiles = 4;

/** Throws when the file cannot be opened; later troubles are no errors. */
export function openRotatingFile(options: RotatingFileOptions): RotatingFile {
  const { path, olderFiles = defaultOlderFiles } = options;
  const fileSizeBytesMax = Math.floor(options.sizeBytesMax / (olderFiles + 1));
  let droppedLines = 0;
  mkdirSync(dirname(path), { recursive: true });
  let file: OpenFile | undefined = open(path);

  function rotate(): void {
    if (file !== undefined) closeSync(file.descriptor);
    file = undefined;
    rmSync(`${path}.${olderFiles}`, { force: true });
    for (let index = olderFiles - 1; index >= 0; index -= 1) {
      moveIfThere(index === 0 ? path : `${path}.${index}`, `${path}.${index + 1}`);
    }
  }

  function write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (file !== undefined && file.sizeBytes + bytes.length > fileSizeBytesMax) rotate();
    file ??= open(path);
    const fitting = bytes.subarray(0, fileSizeBytesMax);
    file.sizeBytes += writeSync(file.descriptor, fitting);
  }

  return {
    writeLine(line) {
      try {
        if (droppedLines > 0) write(`(${droppedLines} lines could not be written here)`);
        write(line);
        droppedLines = 0;
      } catch {
        droppedLines += 1;
      }
    },
    get droppedLines() {
      return droppedLines;
    },
    close() {
      if (file !== undefined) closeSync(file.descriptor);
      file = undefined;
    },
  };
}

interface OpenFile {
  readonly descriptor: number;
  sizeBytes: number;
}

function open(path: string): OpenFile {
  const descriptor = openSync(path, "a", 0o640);
  return { descriptor, sizeBytes: fstatSync(descriptor).size };
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
