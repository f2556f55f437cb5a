// Writes what is made from the code: the tables in our documents, the Python functions for specs.

import { join } from "node:path";
import { pythonSpecs, pythonSpecsPath } from "../python-specs/python-specs.ts";
import { documents, root, withTables } from "./tables.ts";

for (const path of documents) {
  const file = Bun.file(join(root, path));
  const before = await file.text();
  const after = await withTables(before);
  if (after === before) continue;
  await Bun.write(file, after);
  process.stdout.write(`updated ${path}\n`);
}

await Bun.write(join(root, pythonSpecsPath), pythonSpecs());
