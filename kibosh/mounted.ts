// Talks to a mount through its virtual files.

import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { TrogdorError } from "../src/core/trogdor-error.ts";
import { noFaultsText } from "./control-document.ts";
import { type MountStatus, mountStatusSchema } from "./status.ts";

export const controlName = "kibosh_control";

/** The text of the document in force, as it was written. */
export async function readControl(mountpoint: string): Promise<string> {
  return await read(mountpoint, controlName);
}

export async function readStatus(mountpoint: string): Promise<MountStatus> {
  return v.parse(mountStatusSchema, JSON.parse(await read(mountpoint, "kibosh_status")));
}

/**
 * Puts a document into force: for every operation, once this resolves. Rejects with the helper's
 * own reason when it refuses; the faults are then what they were.
 */
export async function writeControl(mountpoint: string, text: string): Promise<void> {
  const file = await open(join(mountpoint, controlName), "w").catch((error: unknown) => {
    throw noMount(mountpoint, error);
  });
  let failure: unknown;
  try {
    await file.writeFile(text);
  } catch (error) {
    failure = error;
  }
  // The helper evaluates when the file is closed, and a runtime may drop what close says: the file
  // beside it tells.
  await file.close().catch((error: unknown) => {
    failure ??= error;
  });
  const reason = (await read(mountpoint, "kibosh_control_error")).trim();
  if (failure === undefined && reason === "") return;
  const cause = failure === undefined ? {} : { cause: failure };
  throw new TrogdorError("spec", reason === "" ? "The document was refused" : reason, cause);
}

/**
 * Loses what is not synced: adds a crash to the document in force. Resolves when it is over; what
 * was open in scope answers EIO from then on.
 */
export async function crash(mountpoint: string): Promise<void> {
  const { lastCrash } = await readStatus(mountpoint);
  const document: unknown = JSON.parse(await readControl(mountpoint));
  const text = JSON.stringify({ ...(document as object), crash: { id: lastCrash + 1 } });
  await writeControl(mountpoint, text);
}

export async function clearFaults(mountpoint: string): Promise<void> {
  await writeControl(mountpoint, noFaultsText);
}

async function read(mountpoint: string, name: string): Promise<string> {
  try {
    return await readFile(join(mountpoint, name), "utf8");
  } catch (error) {
    throw noMount(mountpoint, error);
  }
}

function noMount(mountpoint: string, error: unknown): TrogdorError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const why: Record<string, string> = {
    ENOENT: "it is not a Kibosh mount",
    ENOTDIR: "it is not a folder",
    ENOTCONN: "its file system died: unmount it, or mount it again",
    EACCES: "the mode of its control file does not allow it",
  };
  const text = why[String(code)] ?? String(error);
  return new TrogdorError("unavailable", `${mountpoint}: ${text}`, { cause: error });
}
