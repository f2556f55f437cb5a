// The `-o` options that Kibosh hands to libfuse, and what they mean here. Those that only tune
// libfuse are taken and change nothing.

import type { MountOptions } from "./mount-options.ts";

export interface LibfuseReading {
  readonly options: Partial<MountOptions>;
  readonly problems: readonly string[];
}

/** Always so here, or without a meaning: caching is chosen by the kernel's abilities. */
const ignored = new Set([
  "rw",
  "allow_other",
  "default_permissions",
  "hard_remove",
  "atomic_o_trunc",
  "big_writes",
  "nosuid",
  "nodev",
  "use_ino",
  "auto_unmount",
]);
const ignoredWithValue = new Set(["max_read", "max_write", "negative_timeout", "subtype"]);

export function readLibfuseOptions(texts: readonly string[]): LibfuseReading {
  let options: Partial<MountOptions> = {};
  const problems: string[] = [];
  for (const text of texts.flatMap((each) => each.split(",")).filter((each) => each !== "")) {
    const [name = "", value] = text.split("=", 2);
    const read = readOne(name, value);
    if (read === undefined) problems.push(`Unknown option "-o ${text}"`);
    else options = { ...options, ...read };
  }
  return { options, problems };
}

function readOne(name: string, value: string | undefined): Partial<MountOptions> | undefined {
  if (value !== undefined) {
    if (ignoredWithValue.has(name)) return {};
    if (name === "fsname") return { source: value };
    const isTimeout = name === "attr_timeout" || name === "entry_timeout";
    return isTimeout && /^\d+(\.\d+)?$/.test(value) ? { timeoutSec: Number(value) } : undefined;
  }
  if (ignored.has(name)) return {};
  if (name === "ro") return { readOnly: true };
  if (name === "direct_io") return { direct: true };
  if (name === "kernel_cache" || name === "auto_cache") return { cached: true };
  return name === "nonempty" ? { nonempty: true } : undefined;
}
