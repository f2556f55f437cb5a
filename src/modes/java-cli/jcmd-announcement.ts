// Makes this process visible to `jcmd` and `jps`, by which harnesses find the Java daemons in order
// to stop them. A JVM announces itself by a file /tmp/hsperfdata_<user>/<pid>; one with the two
// entries that those tools read is enough. It is only written into a folder that is ours alone.

import { closeSync, lstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { openLibc } from "../../platform/libc/libc.ts";

/** LOCK_EX and LOCK_NB of flock. */
const exclusive = 2;
const withoutWaiting = 4;

/** Smaller files are not listed. */
const fileSizeBytes = 4096;
const headerSizeBytes = 32;

/** Writes the file; returns what removes it. Failing is no reason not to serve. */
export function announceToJcmd(javaCommand: string, temporaryFolder = "/tmp"): () => void {
  try {
    const { username, uid } = userInfo();
    const folder = join(temporaryFolder, `hsperfdata_${username}`);
    mkdirSync(folder, { mode: 0o755, recursive: true });
    const found = lstatSync(folder);
    if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) return () => {};
    const path = join(folder, String(process.pid));
    // JVMs remove files with other names from the folder, so it is made outside of it.
    const draft = join(temporaryFolder, `.trogdor-${process.pid}-${crypto.randomUUID()}`);
    const file = openSync(draft, "wx", 0o600);
    writeSync(file, jcmdFile(javaCommand));
    // Newer JVMs remove files that are not locked when no process of theirs has that id, as it is
    // when containers share the folder.
    openLibc()?.flock(file, exclusive | withoutWaiting);
    renameSync(draft, path);
    return () => {
      rmSync(path, { force: true });
      closeSync(file);
    };
  } catch {
    return () => {};
  }
}

/** The bytes of the announcement, all numbers little-endian. */
export function jcmdFile(javaCommand: string): Uint8Array {
  const entries = [
    perfEntry("sun.rt.javaCommand", javaCommand.slice(0, 3000)),
    perfEntry("sun.rt.jvmCapabilities", `1${"0".repeat(63)}`),
  ];
  const used = headerSizeBytes + entries.reduce((sum, entry) => sum + entry.length, 0);
  const file = Buffer.alloc(Math.max(fileSizeBytes, used));
  file.set([0xca, 0xfe, 0xc0, 0xc0, 0x01, 0x02, 0x00, 0x01]);
  file.writeInt32LE(used, 8);
  file.writeInt32LE(headerSizeBytes, 24);
  file.writeInt32LE(entries.length, 28);
  Buffer.concat(entries).copy(file, headerSizeBytes);
  return file;
}

/** A constant text: a byte vector of unit "string". */
function perfEntry(name: string, value: string): Buffer {
  const nameOffset = 20;
  const nameBytes = Buffer.from(`${name}\0`);
  const dataBytes = Buffer.from(`${value}\0`);
  const dataOffset = padded(nameOffset + nameBytes.length);
  const entry = Buffer.alloc(padded(dataOffset + dataBytes.length));
  entry.writeInt32LE(entry.length, 0);
  entry.writeInt32LE(nameOffset, 4);
  entry.writeInt32LE(dataBytes.length, 8);
  entry.set([0x42, 0x01, 0x05, 0x01], 12);
  entry.writeInt32LE(dataOffset, 16);
  nameBytes.copy(entry, nameOffset);
  dataBytes.copy(entry, dataOffset);
  return entry;
}

function padded(size: number): number {
  return Math.ceil(size / 8) * 8;
}
