// What is mounted on this machine, and how it goes away without a look at what may hang: a mount
// whose file system does not answer holds up whoever touches it.

import { readFileSync } from "node:fs";

const UNMOUNT_TIMEOUT_MS = 10_000;

/** Takes mounts out of the tree, the innermost first; what is in use goes with its last user. */
export async function unmountWhere(matches: (place: string) => boolean): Promise<string[]> {
  const places = mountPlaces().filter(matches).toReversed();
  for (const place of places) await unmount(place);
  return places;
}

function mountPlaces(): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").trimEnd().split("\n");
  return lines.map((line) => unescaped(line.split(" ")[4] ?? ""));
}

/** The kernel writes blanks and the like in octal. */
function unescaped(place: string): string {
  return place.replace(/\\([0-7]{3})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  );
}

async function unmount(place: string): Promise<void> {
  // Without these, umount looks at the place itself, and asks a helper that does.
  const blindly = ["--no-canonicalize", "--internal-only"];
  const child = Bun.spawn(["umount", "--lazy", ...blindly, place], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    timeout: UNMOUNT_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const said = await new Response(child.stderr).text();
  const isGone = (await child.exited) === 0 || !mountPlaces().includes(place);
  if (!isGone) throw new Error(`umount ${place}: ${said.trim()}`);
}
