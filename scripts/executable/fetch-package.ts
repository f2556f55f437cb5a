// Packages for another platform than this one, which a normal install leaves out: fetched once by
// Bun's package manager (so from the registry that it is set up for) into .tools/packages/.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const TOOLS_DIR = resolve(import.meta.dir, "../../.tools");
const FETCH_TIMEOUT_MS = 240_000;

/** The folder that holds the package's files. */
export async function fetchPackage(name: string, version: string): Promise<string> {
  const target = join(TOOLS_DIR, "packages", `${name}@${version}`);
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(join(TOOLS_DIR, "fetch-"));
  try {
    const manifest = { name: "fetch", private: true, dependencies: { [name]: version } };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    await install(folder, `${name}@${version}`);
    renameSync(join(folder, "node_modules", name), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return target;
}

async function install(folder: string, what: string): Promise<void> {
  const command = [process.execPath, "install", "--ignore-scripts", "--cpu=*", "--os=*"];
  const child = Bun.spawn([...command, "--backend=copyfile", "--no-save"], {
    cwd: folder,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: FETCH_TIMEOUT_MS,
  });
  const texts = [child.stdout, child.stderr].map((stream) => new Response(stream).text());
  const output = (await Promise.all(texts)).join("");
  if ((await child.exited) !== 0) throw new Error(`fetching ${what} failed:\n${output.trim()}`);
}
