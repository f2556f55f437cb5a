// A program for the store's durability tests: commits one row after the other to the store in the
// folder it is given and says so, row by row, once each is acknowledged.

import { writeSync } from "node:fs";
import { openSqliteStore } from "../../src/platform/store/sqlite-store.ts";

async function main(folder: string, count: number, sizeBytes: number): Promise<void> {
  const store = await openSqliteStore({ folder });
  const value = "v".repeat(sizeBytes);
  for (let index = 0; index < count; index += 1) {
    await store.commit([{ table: "t", key: `${index}`, value: `${index}${value}` }]);
    writeSync(1, `committed ${index}\n`);
  }
  if (process.argv[5] === "close") await store.close();
}

main(process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])).catch((error: unknown) => {
  writeSync(2, `${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
