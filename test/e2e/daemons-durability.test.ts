// What a coordinator has acknowledged is on disk, not only in the page cache: the system calls of
// the real daemon show a sync of the store between each request and its answer, and the state
// folder rebuilt from nothing but synced writes, at the moment of each answer, has the task.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { openStore } from "../../src/platform/store/open-store.ts";
import { ask, createNoOp, type OwnDaemons, ownDaemons, stopTask } from "../support/own-daemons.ts";
import {
  finishedTrace,
  type SystemCall,
  TracedFolder,
  tracedCommand,
} from "../support/system-calls.ts";

const requestLine = /^(?:POST \/coordinator\/task\/create|PUT \/coordinator\/task\/stop) /;

function isRequest({ name, data }: SystemCall): boolean {
  return name === "recvfrom" && requestLine.test(data.toString("latin1", 0, 80));
}

function isAnswer({ name, data }: SystemCall): boolean {
  return name === "sendto" && data.toString("latin1", 0, 20).startsWith("HTTP/1.1 200");
}

async function taskStates(folder: string): Promise<Map<string, string>> {
  const store = await openStore({ dir: folder });
  const rows = await store.load();
  await store.close();
  const tasks = rows.filter(({ table }) => table === "task");
  return new Map(tasks.map(({ key, value }) => [key, JSON.parse(value).state as string]));
}

async function commitsOf(daemons: OwnDaemons): Promise<number> {
  const response = await fetch(`${daemons.urls.coordinator}/metrics`);
  const found = /trogdor_store_commit_seconds_count\S* (\d+)/.exec(await response.text());
  return Number(found?.[1]);
}

describe("the coordinator's acknowledgement", () => {
  test("shares its sync with all others that were asked for meanwhile", async () => {
    await using daemons = await ownDaemons();
    await daemons.start("coordinator");
    const before = await commitsOf(daemons);
    const farAhead = 4_000_000_000_000;
    let next = 0;
    const client = async () => {
      while (next < 400) await createNoOp(daemons, `${next++}`, 1000, farAhead);
    };
    await Promise.all(Array.from({ length: 40 }, client));
    expect((await commitsOf(daemons)) - before).toBeLessThan(200);
  });

  test("follows a sync, and what it says survives a power cut at that moment", async () => {
    await using daemons = await ownDaemons();
    const tracePath = join(daemons.folder, "trace");
    const prefix = tracedCommand([], tracePath);
    const coordinator = await daemons.start("coordinator", prefix);
    // One after the other, so that each answer belongs to the request before it.
    const asked: (readonly [string, string])[] = [];
    for (let index = 0; index < 12; index += 1) {
      const id = `task-${index}`;
      await createNoOp(daemons, id, 3_600_000);
      asked.push([id, "create"]);
      if (index % 2 === 1) continue;
      await stopTask(daemons, id);
      asked.push([id, "stop"]);
    }
    // The tracer has noted the last answer when another one is out.
    await ask("GET", `${daemons.urls.coordinator}/coordinator/uptime`);
    coordinator.kill("SIGKILL");
    await coordinator.exited;

    const disk = new TracedFolder(daemons.stateDir("coordinator"));
    let isAsked = false;
    let syncs = 0;
    let answers = 0;
    for (const call of await finishedTrace(tracePath)) {
      disk.apply(call);
      if (isRequest(call)) {
        isAsked = true;
        syncs = 0;
      } else if (
        isAsked &&
        /^f(?:data)?sync$/.test(call.name) &&
        call.target.includes("state.db")
      ) {
        syncs += 1;
      } else if (isAsked && isAnswer(call)) {
        isAsked = false;
        expect({ answer: answers, isSynced: syncs > 0 }).toEqual({
          answer: answers,
          isSynced: true,
        });
        const copy = join(daemons.folder, `cut-${answers}`);
        disk.restoreSynced(copy);
        const states = await taskStates(copy);
        const [id, verb] = asked[answers]!;
        expect([...states.keys()]).toContain(id);
        if (verb === "stop") expect(["STOPPING", "DONE"]).toContain(states.get(id)!);
        answers += 1;
      }
    }
    expect(answers).toBe(asked.length);
  }, 120_000);
});
