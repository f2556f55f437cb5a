// The cgroup of this process, if it may make others below it: version 2, else the pids controller
// of version 1. The kernel's texts are arguments, so that tests need no particular machine.

import { accessSync, constants, readdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";

export function cgroupParent(): string | undefined {
  try {
    const own = readFileSync("/proc/self/cgroup", "utf8");
    const mounts = readFileSync("/proc/self/mountinfo", "utf8");
    return cgroupFolders(own, mounts).find(isOurs);
  } catch {
    return undefined;
  }
}

const keptForMs = 600_000;

/**
 * Removes what agents left that were killed together with their guards: cgroups of ours that hold
 * no process. One that is young may be about to get its first.
 */
export function removeOldCgroups(parent: string, nowMs: number): void {
  for (const name of attempt(() => readdirSync(parent)) ?? []) {
    if (!name.startsWith("trogdor-")) continue;
    const folder = join(parent, name);
    const madeMs = attempt(() => statSync(folder).mtimeMs) ?? nowMs;
    // The kernel refuses for one that is in use.
    if (nowMs - madeMs > keptForMs) attempt(() => rmdirSync(folder));
  }
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** Where the kernel says that this process is, best first. */
export function cgroupFolders(ownCgroups: string, mountInfo: string): string[] {
  const folders: string[] = [];
  for (const kind of ["cgroup2", "cgroup"]) {
    const path = pathIn(ownCgroups, kind);
    const mount = mountsOf(mountInfo).find(
      (one) => one.kind === kind && (kind === "cgroup2" || one.options.includes("pids")),
    );
    if (path === undefined || mount === undefined) continue;
    // A container sees its own cgroup as the root of the mount.
    const below = path.startsWith(`${mount.root}/`) ? path.slice(mount.root.length) : path;
    folders.push(join(mount.folder, mount.root === path ? "/" : below));
  }
  return folders;
}

function pathIn(ownCgroups: string, kind: string): string | undefined {
  for (const line of ownCgroups.split("\n")) {
    const [, controllers = "", path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const isThis =
      kind === "cgroup2" ? controllers === "" : controllers.split(",").includes("pids");
    if (path !== undefined && isThis) return path;
  }
  return undefined;
}

interface Mount {
  readonly kind: string;
  readonly root: string;
  readonly folder: string;
  readonly options: readonly string[];
}

/** `36 35 0:32 ROOT FOLDER rw,nosuid - KIND SOURCE rw,pids` */
function mountsOf(mountInfo: string): Mount[] {
  return mountInfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root, folder] = before.split(" ");
    const [kind, , options = ""] = after.split(" ");
    if (root === undefined || folder === undefined || kind === undefined) return [];
    return [{ kind, root, folder: unescaped(folder), options: options.split(",") }];
  });
}

/** Blanks in paths are written as \040. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The kernel's list of members has this process, and folders can be made beside it. */
function isOurs(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const members = readFileSync(join(folder, "cgroup.procs"), "utf8");
    return members.split("\n").includes(String(process.pid));
  } catch {
    return false;
  }
}
