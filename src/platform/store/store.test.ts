// The conformance suite over every store.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryStore } from "./memory-store.ts";
import { openStore } from "./open-store.ts";
import { simulatedDisk } from "./simulated-store.ts";
import { storeSuite } from "./store.suite.ts";

storeSuite("SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-store-"));
  return {
    open: () => openStore({ dir: join(folder, "state") }),
    keeps: true,
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
});

storeSuite("memory", () => ({ open: async () => memoryStore(), keeps: false, end: () => {} }));

storeSuite("simulated", () => {
  const disk = simulatedDisk({ random: () => 0.5, sleep: async () => {}, syncMs: () => 1 });
  return { open: async () => disk.open(), keeps: true, end: () => {} };
});
