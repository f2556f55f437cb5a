// The topics of a bench run, made anew for each run and deleted behind it, so that every run meets
// the same broker and the disk holds one run at most.

import { existsSync, readdirSync } from "node:fs";
import { Admin } from "@platformatic/kafka";
import type { BenchTopic } from "./bench-topic.ts";
import { logFilesOf } from "./broker-logs.ts";

const WAIT_MS = 30_000;
const POLL_MS = 50;

/** Resolves when every topicPartition has its log. */
export async function createBenchTopics(
  bootstrapServers: string,
  dataDir: string,
  topics: readonly BenchTopic[],
): Promise<void> {
  await withAdmin(bootstrapServers, async (admin) => {
    for (const { name, partitions } of topics) {
      await admin.createTopics({ topics: [name], partitions, replicas: 1 });
    }
  });
  const files = logFilesOf(dataDir, topics);
  await waitUntil("the broker has made the topics' logs", () => files.every(existsSync));
}

/** Resolves when their files are gone: the broker deletes them a moment after the topics. */
export async function deleteBenchTopics(
  bootstrapServers: string,
  dataDir: string,
  topics: readonly BenchTopic[],
): Promise<void> {
  const names = topics.map((topic) => topic.name);
  await withAdmin(bootstrapServers, (admin) => admin.deleteTopics({ topics: names }));
  // A log that waits for deletion is called `name-0.0a1b...-delete`.
  const isOurs = (folder: string) => names.some((name) => folder.startsWith(`${name}-`));
  await waitUntil("the topics' logs are deleted", () => !readdirSync(dataDir).some(isOurs));
}

async function withAdmin(
  bootstrapServers: string,
  work: (admin: Admin) => Promise<void>,
): Promise<void> {
  const admin = new Admin({ clientId: "bench", bootstrapBrokers: bootstrapServers.split(",") });
  try {
    await work(admin);
  } finally {
    await admin.close();
  }
}

async function waitUntil(what: string, isTrue: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS;
  while (!isTrue()) {
    if (performance.now() > deadlineMs) throw new Error(`waited ${WAIT_MS / 1000} s until ${what}`);
    await Bun.sleep(POLL_MS);
  }
}
