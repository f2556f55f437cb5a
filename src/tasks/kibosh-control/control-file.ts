// The control file of a mount of the fault file system: faults are added to its list and taken from
// it, and whatever else stands there stays as it is. Changes of one mount go one after the other.

import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Files } from "../../platform/files/files.ts";
import { isJsonObject, type JsonValue, parseJson } from "../../spec/json.ts";
import { printCompact } from "../../spec/print.ts";
import { answeringFiles } from "./answering-files.ts";

/** What is changed. */
interface ControlNode {
  readonly files: Files;
  readonly clock: Clock;
}

/** Faults of a mount, as compact JSON: two are the same when their texts are equal. */
export interface MountFaults {
  /** The mount's folder without a slash at its end. */
  readonly mount: string;
  readonly faults: readonly string[];
  /** The file system that takes them, where it says which it is: another after each start. */
  readonly instance?: string;
}

/** The reference's words. */
export function missingControl(mount: string): string {
  return `Can't find file ${controlOf(mount)}`;
}

export function normalMount(mountPath: string): string {
  return mountPath.replace(/\/+$/, "").replace(/\/{2,}/g, "/");
}

/** The faults that stand there; undefined when there is no such mount (any more). */
export async function standingFaults(
  mount: string,
  node: ControlNode,
): Promise<string[] | undefined> {
  return (await readControl(mount, node))?.faults;
}

export async function addFaults({ mount, faults }: MountFaults, node: ControlNode): Promise<void> {
  await inTurn(mount, async () => {
    const control = await readControl(mount, node);
    if (control === undefined) throw new TrogdorError("task", missingControl(mount));
    await writeControl(mount, [...control.faults, ...faults], control, node);
  });
}

/** Whoever had read the list before it was changed has written by then. */
const lookAgainAfterMs = 200;

/**
 * Removes all that equal ours; no such mount and no such fault are fine. Another process that adds
 * or removes a fault in the same moment may write ours back, so it is looked at once more.
 */
export async function removeFaults(plan: MountFaults, node: ControlNode): Promise<void> {
  while (await removeOnce(plan, node)) await node.clock.sleep(lookAgainAfterMs);
}

/** Whether there was something to remove. */
async function removeOnce({ mount, faults }: MountFaults, node: ControlNode): Promise<boolean> {
  let isRemoved = false;
  await inTurn(mount, async () => {
    const control = await readControl(mount, node);
    const rest = control?.faults.filter((fault) => !faults.includes(fault));
    if (control === undefined || rest?.length === control.faults.length) return;
    await writeControl(mount, rest ?? [], control, node);
    isRemoved = true;
  });
  return isRemoved;
}

/** "" when all of them are in force, else what was expected and what was seen. */
export async function controlProblem(
  { mount, faults, instance }: MountFaults,
  node: ControlNode,
): Promise<string> {
  const status = await mountStatus(mount, node);
  if (instance !== undefined && status !== undefined && status.instance !== instance) {
    return `expected the file system at ${mount} to run on, found it started again, without faults`;
  }
  const standing = (await readControl(mount, node))?.faults;
  if (standing === undefined) return `expected a mount at ${mount}, found no control file`;
  const missing = faults.filter((fault) => !standing.includes(fault));
  if (missing.length > 0) {
    return `expected ${missing.join(", ")} in ${controlOf(mount)}, found ${standing.length} others`;
  }
  const pending = status?.pendingInvalidations ?? 0;
  if (pending === 0) return "";
  const expected = `expected no cached data from before the fault in ${mount}`;
  return `${expected}, found ${pending} files with some`;
}

/** What a crash did: files and names that were put back, open files that answer EIO since. */
export interface Crash {
  readonly id: number;
  readonly files: number;
  readonly entries: number;
  readonly handles: number;
}

/** Loses what is tracked and not synced; resolves when it is over. */
export async function crashMount(mount: string, node: ControlNode): Promise<Crash> {
  let id = 0;
  await inTurn(mount, async () => {
    const control = await readControl(mount, node);
    const status = await mountStatus(mount, node);
    if (control === undefined || status?.lastCrash === undefined) {
      throw new TrogdorError("task", `${mount} cannot crash: it is no mount of trogdor kibosh`);
    }
    id = status.lastCrash + 1;
    const others = { ...control.others, crash: { id } };
    await writeControl(mount, control.faults, { ...control, others }, node);
  });
  const after = await mountStatus(mount, node);
  if (after?.lastCrash === id) {
    const { crashedFiles = 0, crashedEntries = 0, crashedHandles = 0 } = after;
    return { id, files: crashedFiles, entries: crashedEntries, handles: crashedHandles };
  }
  const reason = await refusal(mount, node);
  throw new TrogdorError("task", `${mount} refused to crash: ${reason || "it does not say why"}`);
}

interface Control {
  readonly faults: string[];
  /** The other members of the document. */
  readonly others: Readonly<Record<string, JsonValue>>;
}

async function readControl(mount: string, node: ControlNode): Promise<Control | undefined> {
  const text = await presentText(controlOf(mount), node);
  if (text === undefined) return undefined;
  const document = text.trim() === "" ? {} : parseJson(text, { code: "task" });
  if (!isJsonObject(document)) {
    throw new TrogdorError("task", `${controlOf(mount)} holds no object, but ${text.slice(0, 80)}`);
  }
  const { faults = [], ...others } = document as Readonly<Record<string, JsonValue>>;
  const list = Array.isArray(faults) ? (faults as readonly JsonValue[]) : [];
  return { faults: list.map(printCompact), others };
}

async function writeControl(
  mount: string,
  faults: readonly string[],
  { others }: Control,
  node: ControlNode,
): Promise<void> {
  const members = Object.entries(others).map(
    ([name, value]) => `,${JSON.stringify(name)}:${printCompact(value)}`,
  );
  const text = `{"faults":[${faults.join(",")}]${members.join("")}}`;
  let failure: unknown;
  await answeringFiles(node)
    .writeText(controlOf(mount), text)
    .catch((error: unknown) => {
      failure = error;
    });
  // A mount may refuse a document when the file is closed, which nobody hears: it is read back.
  const standing = (await readControl(mount, node))?.faults;
  if (failure === undefined && standing?.join() === faults.join()) {
    await settled(mount, node);
    return;
  }
  const reason = await refusal(mount, node);
  const why = reason || (failure === undefined ? "it kept its old faults" : errorText(failure));
  throw new TrogdorError("task", `${mount} refused its new faults: ${why}`, { cause: failure });
}

/** Why the last document was refused, in the mount's own words. */
async function refusal(mount: string, node: ControlNode): Promise<string | undefined> {
  return (await presentText(`${controlOf(mount)}_error`, node))?.trim();
}

const settledWithinMs = 2_000;
const pauseMs = 10;

/** Cached data of open files goes a moment after the list has changed. */
async function settled(mount: string, node: ControlNode): Promise<void> {
  for (let waitedMs = 0; waitedMs < settledWithinMs; waitedMs += pauseMs) {
    const status = await mountStatus(mount, node);
    if ((status?.pendingInvalidations ?? 0) === 0) return;
    await node.clock.sleep(pauseMs);
  }
}

/** What a mount says of itself; each member may be missing, and Confluent's Kibosh says nothing. */
export interface MountStatus {
  readonly instance?: string;
  readonly lastCrash?: number;
  readonly crashedFiles?: number;
  readonly crashedEntries?: number;
  readonly crashedHandles?: number;
  readonly pendingInvalidations?: number;
  readonly faults?: readonly FaultCounts[];
}

export interface FaultCounts {
  readonly type: string;
  readonly matched: number;
  readonly applied: number;
  readonly fault: JsonValue;
}

export async function mountStatus(
  mount: string,
  node: ControlNode,
): Promise<MountStatus | undefined> {
  const text = await presentText(`${mount}/kibosh_status`, node);
  return text === undefined ? undefined : (JSON.parse(text) as MountStatus);
}

/** Undefined also for what is in a mount whose file system has died. */
async function presentText(path: string, node: ControlNode): Promise<string | undefined> {
  try {
    return await answeringFiles(node).readText(path);
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOTCONN" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

function controlOf(mount: string): string {
  return `${mount}/kibosh_control`;
}

const turns = new Map<string, Promise<unknown>>();

/** Reading and writing the list is two steps: nobody else of this process comes in between. */
async function inTurn(mount: string, act: () => Promise<void>): Promise<void> {
  const before = turns.get(mount) ?? Promise.resolve();
  const turn = before.then(act, act);
  turns.set(mount, turn);
  try {
    await turn;
  } finally {
    if (turns.get(mount) === turn) turns.delete(mount);
  }
}
