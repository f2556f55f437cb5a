// Which tests may be skipped: test/allowed-skips.txt names each with its reason, one a line. A skip
// that nobody wrote down looks like a pass and hides what is not tested.

import { existsSync, readFileSync } from "node:fs";

/** From full test name to reason. Empty lines and lines that begin with # are left out. */
export function readAllowedSkips(file: string): Map<string, string> {
  const allowed = new Map<string, string>();
  if (!existsSync(file)) return allowed;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const at = line.lastIndexOf(" = ");
    if (at < 1 || line.slice(at + 3).trim() === "") {
      throw new Error(`${file}: "${line}": expected: full test name = reason`);
    }
    allowed.set(line.slice(0, at).trim(), line.slice(at + 3).trim());
  }
  return allowed;
}
