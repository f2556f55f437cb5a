// Where a daemon keeps its state unless --state-dir says otherwise: for root below /var/lib, for
// others in the place that the XDG base directories name; one folder for each role and node.

import { createHash } from "node:crypto";
import { isAbsolute, join, resolve } from "node:path";
import { TrogdorError } from "../../core/trogdor-error.ts";

export type DaemonRole = "agent" | "coordinator";
/** Who has a folder: `exec` keeps a journal of its own, beside an agent's. */
export type StateRole = DaemonRole | "exec";

export interface StateDirRequest {
  readonly role: StateRole;
  readonly node: string;
  /** What --state-dir says. */
  readonly given: string | undefined;
  readonly isRoot: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** File systems take names of 255 bytes. */
const nameCharactersMax = 200;

/** A folder, or `none`. */
export function resolveStateDir({ role, node, given, isRoot, env }: StateDirRequest): string {
  if (given !== undefined) return givenDir(role, given);
  const name = folderName(role, node);
  if (isRoot) return join("/var/lib/trogdor", name);
  const stateHome = env["XDG_STATE_HOME"];
  if (stateHome !== undefined && isAbsolute(stateHome)) return join(stateHome, "trogdor", name);
  const home = env["HOME"];
  if (home === undefined || !isAbsolute(home)) {
    throw new TrogdorError(
      "usage",
      "There is no HOME to keep the state below: give --state-dir DIR",
    );
  }
  return join(home, ".local/state/trogdor", name);
}

function givenDir(role: StateRole, given: string): string {
  if (given === "") throw new TrogdorError("usage", 'Option "--state-dir" is empty');
  if (given !== "none") return resolve(given);
  if (role === "coordinator") return given;
  throw new TrogdorError(
    "usage",
    'Option "--state-dir" is "none", which only the coordinator takes; an agent has to know ' +
      "after a crash what it left behind, so give it a folder",
  );
}

/** Node names are free text; a folder's name is not. */
function folderName(role: StateRole, node: string): string {
  const name = `${role}-${encodeURIComponent(node.toWellFormed())}`;
  if (name.length <= nameCharactersMax) return name;
  const digest = createHash("sha256").update(node).digest("hex").slice(0, 16);
  return `${name.slice(0, nameCharactersMax - 17)}-${digest}`;
}
