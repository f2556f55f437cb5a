// Writes the tables that are made from the code into our documents: scripts/docs.

import { join } from "node:path";
import { documents, root, withTables } from "./tables.ts";

for (const path of documents) {
  const file = Bun.file(join(root, path));
  const before = await file.text();
  const after = await withTables(before);
  if (after === before) continue;
  await Bun.write(file, after);
  process.stdout.write(`updated ${path}\n`);
}
