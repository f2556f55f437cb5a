// The journal as one small file for each entry, in a folder of the state folder: written aside,
// synced, renamed, and the folder synced. Whoever cleans up reads it without asking its owner, who
// may hang.

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { OwnedEntry, UndoJournal, UndoOwner } from "./undo-journal.ts";

const suffix = ".undo.json";
/** Behind the name of an entry: a file of its own, so that its owner never writes over it. */
const undoneSuffix = ".undone";

/** The journal of a state folder; made when the first entry is written. */
export function fileUndoJournal(stateFolder: string, owner: UndoOwner): UndoJournal {
  const folder = join(stateFolder, "journal");
  return {
    async write(entry) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        rmSync(join(folder, `${fileName(entry.id)}${undoneSuffix}`), { force: true });
        writeSynced(folder, fileName(entry.id), JSON.stringify({ ...entry, owner }));
      } catch (cause) {
        const message = `how to undo the fault cannot be noted in ${folder}: ${errorText(cause)}`;
        throw new TrogdorError("task", message, { cause });
      }
    },
    async remove(id) {
      const file = join(folder, fileName(id));
      rmSync(file, { force: true });
      rmSync(`${file}${undoneSuffix}`, { force: true });
    },
    async markUndone(id) {
      writeSynced(folder, `${fileName(id)}${undoneSuffix}`, "");
    },
    async stands(id) {
      const file = join(folder, fileName(id));
      return existsSync(file) && !existsSync(`${file}${undoneSuffix}`);
    },
    async entries() {
      const found = readAll(folder).filter((one) => typeof one !== "string");
      return found.toSorted((a, b) => a.endUs - b.endUs);
    },
    async problems() {
      return readAll(folder).filter((one) => typeof one === "string");
    },
  };
}

/** Task ids hold any characters; a name has at most 255 bytes. */
function fileName(id: string): string {
  const readable = id.replace(/[^\w.-]/g, "_").slice(-60);
  return `${readable}.${Bun.hash(id).toString(16)}${suffix}`;
}

function fileNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(suffix));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function readAll(folder: string): (OwnedEntry | string)[] {
  return fileNames(folder).flatMap((name) => readEntry(join(folder, name)) ?? []);
}

/** A sentence when it cannot be read; undefined when its owner has removed it meanwhile. */
function readEntry(file: string): OwnedEntry | string | undefined {
  try {
    const entry = JSON.parse(readFileSync(file, "utf8")) as Omit<OwnedEntry, "isUndone">;
    if (typeof entry.plan !== "string" || typeof entry.owner.bootId !== "string") {
      throw new Error("it is no entry of the journal");
    }
    return { ...entry, isUndone: existsSync(`${file}${undoneSuffix}`) };
  } catch (error) {
    if (!existsSync(file)) return undefined;
    const why = errorText(error);
    return `${file} cannot be read: ${why}; undo its fault by hand, then remove the file`;
  }
}

function writeSynced(folder: string, name: string, text: string): void {
  const aside = join(folder, `${name}.new`);
  try {
    const file = openSync(aside, "w", 0o600);
    try {
      // Goes on after a write of a part, which is what a disk that runs full answers first.
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(aside, join(folder, name));
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
