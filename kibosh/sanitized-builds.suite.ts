// Builds of the helper with gcc's sanitizers, kept in .tools/native/ for as long as the sources
// stay the same.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const sourceFolder = join(root, "native/fuse");
const buildFolder = join(root, ".tools/native");

export const sanitizers = {
  address: ["-fsanitize=address,undefined"],
  thread: ["-fsanitize=thread"],
};
export type Sanitizer = keyof typeof sanitizers;

/** The helper, or the program that feeds it malformed requests. */
export async function sanitizedBuild(
  sanitizer: Sanitizer,
  program: "helper" | "requests-test",
): Promise<string> {
  const gcc = Bun.which("gcc");
  if (gcc === null) throw new Error("gcc is missing: apt-get install gcc libc6-dev");
  const leftOut = program === "helper" ? "requests-test.c" : "main.c";
  const files = readdirSync(sourceFolder)
    .filter((name) => /\.[ch]$/.test(name) && name !== leftOut)
    .sort();
  const flags = [
    "-std=gnu17",
    "-D_GNU_SOURCE",
    "-O1",
    "-g",
    "-pthread",
    "-fno-omit-frame-pointer",
    "-fno-sanitize-recover=all",
    ...sanitizers[sanitizer],
  ];
  const hash = createHash("sha256").update(flags.join(" "));
  for (const name of files) hash.update(name).update(readFileSync(join(sourceFolder, name)));
  const name = `kibosh-${program}-${sanitizer}-${hash.digest("hex").slice(0, 16)}`;
  const path = join(buildFolder, name);
  if (existsSync(path)) return path;
  mkdirSync(buildFolder, { recursive: true });
  const draft = `${path}.${process.pid}`;
  const sources = files.filter((file) => file.endsWith(".c"));
  const child = Bun.spawn([gcc, ...flags, "-o", draft, ...sources, "-lm"], {
    cwd: sourceFolder,
    stderr: "pipe",
  });
  const output = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`gcc failed:\n${output}`);
  renameSync(draft, path);
  return path;
}
