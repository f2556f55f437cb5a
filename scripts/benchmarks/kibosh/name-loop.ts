// Makes, looks at or removes many files, one after the other, and prints how long that took in
// seconds: `name-loop.ts create|stat|unlink FOLDER FILES`. fio's engines for this cost more for
// each file than the file systems that are compared.

import { closeSync, mkdirSync, openSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";

const [action = "", folder = "", count = "0"] = process.argv.slice(2);
const files = join(folder, "names");

const actions: Record<string, (file: string) => void> = {
  create: (file) => closeSync(openSync(file, "wx")),
  stat: (file) => void statSync(file),
  unlink: (file) => unlinkSync(file),
};

const act = actions[action];
if (act === undefined) throw new Error(`expected create, stat or unlink, not ${action}`);
if (action === "create") mkdirSync(files);
// What the kernel keeps of names and attributes is out of date by now: each file is asked for.
if (action === "stat") Bun.sleepSync(1200);
const paths = Array.from({ length: Number(count) }, (_, index) => join(files, `file-${index}`));
const startedNs = Bun.nanoseconds();
for (const path of paths) act(path);
process.stdout.write(`${(Bun.nanoseconds() - startedNs) / 1e9}\n`);
