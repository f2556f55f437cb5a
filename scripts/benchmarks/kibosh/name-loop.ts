// Makes, looks at or removes many files, one after the other, and prints how long that took in
// seconds: `name-loop.ts create|stat|unlink FOLDER FILES`. fio's engines for this cost more for
// each file than the file systems that are compared.

import { dlopen } from "bun:ffi";
import { closeSync, mkdirSync, openSync, unlinkSync } from "node:fs";
import { join } from "node:path";

const [action = "", folder = "", count = "0"] = process.argv.slice(2);
const files = join(folder, "names");

// stat(2) itself: statSync asks for the time of birth as well, which some file systems answer by a
// second request, others not at all.
const libc = dlopen("libc.so.6", { stat: { args: ["cstring", "ptr"], returns: "int" } });
const status = new Uint8Array(256);

function statFile(file: string): void {
  if (libc.symbols.stat(Buffer.from(`${file}\0`), status) !== 0) throw new Error(`no ${file}`);
}

const actions: Record<string, (file: string) => void> = {
  create: (file) => closeSync(openSync(file, "wx")),
  stat: statFile,
  unlink: (file) => unlinkSync(file),
};

const act = actions[action];
if (act === undefined) throw new Error(`expected create, stat or unlink, not ${action}`);
if (action === "create") mkdirSync(files, { recursive: true });
// What the kernel keeps of names and attributes is out of date by now: each file is asked for.
if (action === "stat") Bun.sleepSync(1200);
const paths = Array.from({ length: Number(count) }, (_, index) => join(files, `file-${index}`));
const startedNs = Bun.nanoseconds();
for (const path of paths) act(path);
process.stdout.write(`${(Bun.nanoseconds() - startedNs) / 1e9}\n`);
